// What may become of a request on its way: the faults that a network and an overloaded service have.

export type Fault =
  /** Nothing is done, nothing is answered, the connection stays open. */
  | { readonly kind: 'hang' }
  /** It is done and answered, but not before `until` is fulfilled. */
  | { readonly kind: 'slow'; readonly until: Promise<void> }
  /** Nothing is done and the connection is cut. */
  | { readonly kind: 'drop' }
  /** It is done, and the connection is cut before the answer. */
  | { readonly kind: 'dropAfter' }
  /** The connection is cut now, and the request takes effect when `until` is fulfilled, as if it had been held on its way. */
  | { readonly kind: 'late'; readonly until: Promise<void> }
  /** Refused, whatever it asked for. */
  | {
      readonly kind: 'refuse';
      readonly status: number;
      readonly code: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Something answers that is not the service. */
  | { readonly kind: 'garbage' }
  /** The same, and it never ends. */
  | { readonly kind: 'endless' };

/** Asked once for each request; null lets it pass. */
export type ChooseFault = (request: { readonly operation: string; readonly accessKeyId: string }) => Fault | null;

export const NO_FAULT: ChooseFault = () => null;

/** "Common Errors" and "Throttling for Amazon Route 53 API requests". */
export const THROTTLED: Fault = { kind: 'refuse', status: 400, code: 'Throttling' };
export const UNAVAILABLE: Fault = { kind: 'refuse', status: 503, code: 'ServiceUnavailable' };
export const FAILING: Fault = { kind: 'refuse', status: 500, code: 'InternalFailure' };
