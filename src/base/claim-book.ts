// What one process knows of grants, and by that whether it agrees when the holder of a lease asks it because nobody reaches the
// store (S37). It never forgets a REVOKE: once it has said that it refuses an epoch, a controller may rest a wait on that (S15).
import { type ClockBounds, waitForPeriodMs } from './clock-bounds.ts';
import type { NodeId, ServiceId } from './ids.ts';

export type KnownGrant = { readonly node: NodeId; readonly epoch: number; readonly revoked: boolean };

/** "I hold this grant and reach no store; may I go on for `periodMs` from before I asked?" */
export type Claim = {
  readonly service: ServiceId;
  readonly node: NodeId;
  /** In which the epoch counts. */
  readonly generation: number;
  readonly epoch: number;
  readonly periodMs: number;
};

export type ClaimJudgement = { readonly kind: 'agreed' } | { readonly kind: 'refused'; readonly reason: string };

export type ClaimBookOptions = {
  /** Another for each process, also of the same prober: what one has said binds no other. */
  readonly peer: string;
  readonly startedMonoMs: number;
  readonly bounds: ClockBounds;
};

export class ClaimBook {
  readonly peer: string;
  #ended: readonly string[] = [];
  #generation = 0;
  readonly #options: ClaimBookOptions;
  readonly #grants = new Map<ServiceId, KnownGrant>();

  constructor(options: ClaimBookOptions) {
    this.#options = options;
    this.peer = options.peer;
  }

  /** Processes of the same prober that are dead for certain, and so agree to nothing any more. */
  get ended(): readonly string[] {
    return this.#ended;
  }

  succeed(ended: readonly string[]): void {
    this.#ended = ended;
  }

  /** Of the grants that it knows; 0: it has seen none. */
  get generation(): number {
    return this.#generation;
  }

  /**
   * Epochs count within one generation (S4), so the next one begins an empty book; whatever is claimed in an older one is refused
   * from then on. False for an older one: nothing of it is written down any more.
   */
  enter(generation: number): boolean {
    if (generation > this.#generation) {
      this.#generation = generation;
      this.#grants.clear();
    }
    return generation === this.#generation;
  }

  /** The grant as the store shows it; null: there is none. What is older than what was seen counts for nothing (S4). */
  note(service: ServiceId, seen: KnownGrant | null): void {
    const known = this.#grants.get(service);
    if (seen === null) {
      if (known !== undefined) this.#grants.set(service, { ...known, revoked: true });
    } else if (known === undefined || seen.epoch > known.epoch) this.#grants.set(service, seen);
    else if (seen.epoch === known.epoch && (seen.revoked || seen.node !== known.node))
      this.#grants.set(service, { ...known, revoked: true });
  }

  /** In its generation it refuses every claim of this epoch and of those before it, for as long as the process lives. */
  refusesUpTo(service: ServiceId): number {
    const known = this.#grants.get(service);
    if (known === undefined) return 0;
    return known.revoked ? known.epoch : known.epoch - 1;
  }

  judge({ service, node, epoch, periodMs, generation }: Claim, nowMonoMs: number): ClaimJudgement {
    const { startedMonoMs, bounds } = this.#options;
    const known = this.#grants.get(service);
    if (generation !== this.#generation) return refused(`it follows grants of generation ${this.#generation}`);
    if (known === undefined) return refused('it has seen no grant of this service');
    if (epoch <= this.refusesUpTo(service)) return refused(`it has seen that epoch ${epoch} is over`);
    if (known.node !== node || known.epoch !== epoch)
      return refused(`the grant that it knows is of ${known.node}, epoch ${known.epoch}`);
    // What it said before it was restarted, it has forgotten: until that is over it says nothing else.
    if (nowMonoMs - startedMonoMs < waitForPeriodMs(periodMs, bounds)) return refused('it was started too recently');
    return { kind: 'agreed' };
  }
}

function refused(reason: string): ClaimJudgement {
  return { kind: 'refused', reason };
}
