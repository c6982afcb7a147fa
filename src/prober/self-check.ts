// Does this prober see the world at all? It abstains when none of its references answers (S22): a prober that is cut off
// sees every node down, and must not say so.
import type { ReferenceTarget } from '../config/config.ts';
import type { ProberDeps } from './prober-deps.ts';

export type SelfCheckState =
  | { readonly kind: 'sees'; readonly reason: string }
  | { readonly kind: 'isolated'; readonly reason: string };

/** Longest time one reference may take. */
const REFERENCE_TIMEOUT_MS = 2_000;
/** Rhythm without an occasion; every suspicion asks at once. */
const REFERENCE_INTERVAL_MS = 5_000;

export class SelfCheck {
  readonly #deps: Pick<ProberDeps, 'clock' | 'probeReference' | 'signal'>;
  readonly #references: readonly ReferenceTarget[];
  readonly #onChange: (state: SelfCheckState) => void;
  #state: SelfCheckState;
  #running: Promise<void> | null = null;
  #wasAsked = false;
  #beganAtMonoMs = Number.NEGATIVE_INFINITY;

  constructor(
    deps: Pick<ProberDeps, 'clock' | 'probeReference' | 'signal' | 'config'>,
    onChange: (state: SelfCheckState) => void,
  ) {
    this.#deps = deps;
    this.#references = deps.config.cluster.references;
    this.#onChange = onChange;
    this.#state = {
      kind: 'sees',
      reason: this.#references.length === 0 ? 'no references are configured' : 'not asked yet',
    };
  }

  get state(): SelfCheckState {
    return this.#state;
  }

  async run(): Promise<void> {
    if (this.#references.length === 0) return;
    while (!this.#deps.signal.aborted) {
      await this.since(this.#deps.clock.monotonicMs());
      await this.#deps.clock.sleep(REFERENCE_INTERVAL_MS, { signal: this.#deps.signal }).catch(() => undefined);
    }
  }

  /** The state by a look that began at `monoMs` or later; joins one that is under way if it is young enough. */
  async since(monoMs: number): Promise<SelfCheckState> {
    if (this.#references.length === 0) return this.#state;
    while (this.#beganAtMonoMs < monoMs || this.#running !== null) {
      if (this.#running === null) this.#running = this.#look();
      await this.#running;
    }
    return this.#state;
  }

  async #look(): Promise<void> {
    this.#beganAtMonoMs = this.#deps.clock.monotonicMs();
    const deadline = new AbortController();
    const timer = this.#deps.clock.timer(REFERENCE_TIMEOUT_MS, () => deadline.abort());
    try {
      const looks = this.#references.map(async (target) => {
        const { result } = await this.#deps.probeReference(target, { signal: deadline.signal });
        if (result.kind !== 'pass') throw new Error(result.reason);
      });
      // The first answer is enough; the rest need not be waited for.
      await Promise.any(looks);
      this.#become({ kind: 'sees', reason: 'a reference answers' });
    } catch {
      this.#become({ kind: 'isolated', reason: `none of ${this.#references.length} references answers` });
    } finally {
      timer.stop();
      deadline.abort();
      this.#running = null;
    }
  }

  #become(state: SelfCheckState): void {
    // The first answer is news too: until it the record says that nobody was asked.
    const isNew = state.kind !== this.#state.kind || !this.#wasAsked;
    this.#wasAsked = true;
    this.#state = state;
    if (isNew) this.#onChange(state);
  }
}
