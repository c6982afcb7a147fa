// What goes wrong between a client and the double, on request. A fault says which requests it meets and how many of them.
import type { ApiError } from './api-error.ts';

/**
 * `hang`: nothing is done and nothing answered. `drop`: the connection is cut before anything is done, `dropAfterApply` after
 * it. `hold`: the connection is cut, and the request is done when `releaseHeld` is called; `park`: the same, but the connection
 * stays, the request is answered if anybody still waits for it, and `arrived` is told. `refuse`: answered with this error.
 * `partial`: a batch is done for its address records only. `nonsense`: a page that is no JSON, as from a proxy in between.
 * `meanwhile`: somebody else does this just before the request is.
 */
export type FaultKind =
  | { readonly kind: 'hang' | 'drop' | 'dropAfterApply' | 'hold' | 'partial' | 'nonsense' }
  | { readonly kind: 'refuse'; readonly error: ApiError }
  | { readonly kind: 'park'; readonly arrived: () => void }
  | { readonly kind: 'meanwhile'; readonly perform: () => void };

export type Fault = FaultKind & {
  /** Requests of which token; all when absent. */
  readonly token?: string;
  /** `batch`: the one call that changes many records; `write`: everything but GET. */
  readonly on: 'batch' | 'write' | 'read' | 'any';
  /** How many requests it meets; one when absent. */
  readonly times?: number;
};

/** Codes of the errors; none when it was done. */
export type HeldOutcome = readonly number[];

export type FaultRequest = { readonly method: string; readonly path: string; readonly token: string | null };

export class DoubleFaults {
  #faults: { readonly fault: Fault; left: number }[] = [];
  readonly #held: (() => HeldOutcome)[] = [];

  add(fault: Fault): void {
    this.#faults.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#faults = [];
  }

  /** The fault that meets this request, used up by it. */
  take(request: FaultRequest): Fault | null {
    const found = this.#faults.find(({ fault, left }) => left > 0 && meets(fault, request));
    if (found === undefined) return null;
    found.left -= 1;
    return found.fault;
  }

  hold(perform: () => HeldOutcome): void {
    this.#held.push(perform);
  }

  /** Does what was held back, in its order. */
  release(): readonly HeldOutcome[] {
    return this.#held.splice(0).map((perform) => perform());
  }
}

function meets({ on, token }: Fault, request: FaultRequest): boolean {
  if (token !== undefined && token !== request.token) return false;
  switch (on) {
    case 'any':
      return true;
    case 'read':
      return request.method === 'GET';
    case 'write':
      return request.method !== 'GET';
    case 'batch':
      return request.path.endsWith('/dns_records/batch');
  }
}
