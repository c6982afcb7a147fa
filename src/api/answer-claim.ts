// What a prober says when the holder of a lease asks for its word because nobody renews (S37). With a store it renews instead;
// without one it agrees only to what it saw last, and never after it has said that the epoch is over (S15).
import type { ClaimBook } from '../base/claim-book.ts';
import type { Clock } from '../base/clock.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { ClaimAnswer, RenewalAnswer } from '../ports/agent-link.ts';
import { type RenewCall, renewLease, requireTerms } from './agent-renew.ts';
import {
  type AgentSource,
  denied,
  readGeneration,
  requireCluster,
  requireGeneration,
  requireNode,
} from './agent-source.ts';
import type { TokenSource } from './token-gate.ts';

/** What this process saw of the store last, whether or not it has one now. */
export type LastSeen = Pick<AgentSource, 'config' | 'keys' | 'view' | 'nodesOf'>;

export type ClaimOptions = {
  readonly clock: Clock;
  /** Throws while there is no store. */
  readonly source: () => AgentSource;
  readonly book: ClaimBook;
  /** null: it has seen none since it was started. */
  readonly lastSeen: () => LastSeen | null;
};

/** A store that is there answers sooner; the agent waits for everybody, a sixth of its lease. */
const STORE_MAX_MS = 1_000;
const STORE_SHARE = 12;

/** Rejects with ONEUP_AGENT_DENIED, or ONEUP_STORE_UNREACHABLE when it has never seen a store. */
export async function answerClaim(options: ClaimOptions, call: RenewCall): Promise<ClaimAnswer> {
  const { book, clock } = options;
  const { renewal, caller, generation } = call;
  const seen = requireLastSeen(options);
  requireCluster(seen, call);
  const { lease, onStoreLoss } = requireNode(seen, caller, renewal);
  requireTerms(renewal, lease);
  if (onStoreLoss !== 'stayIfPeersAgree') throw denied(`onStoreLoss of ${renewal.service} is ${onStoreLoss}`);
  const renewed = await renewNow(options, call);
  if (renewed !== null) return renewed;
  const current = readGeneration(seen.view.get(seen.keys.meta) ?? null).generation;
  requireGeneration(generation, current);
  const claim = { ...renewal, generation: current.number };
  return { ...book.judge(claim, clock.monotonicMs()), peer: book.peer };
}

/** Tokens as they were seen last: whoever asks for a word has no store to be looked up in. */
export function lastSeenTokens(options: ClaimOptions): TokenSource {
  const { keys, view } = requireLastSeen(options);
  return { keys, store: { get: async (key) => view.get(key) ?? null } };
}

function requireLastSeen({ lastSeen }: ClaimOptions): LastSeen {
  const seen = lastSeen();
  if (seen !== null) return seen;
  throw new OneupError('ONEUP_STORE_UNREACHABLE', 'Cannot answer a claim: this prober has seen no store yet');
}

/** null: no store answers here. A commit that lands later is one that the agent knows it has sent. */
async function renewNow({ clock, source }: ClaimOptions, call: RenewCall): Promise<RenewalAnswer | null> {
  const late = Promise.withResolvers<null>();
  const waitMs = Math.min(STORE_MAX_MS, Math.floor(call.renewal.periodMs / STORE_SHARE));
  const timer = clock.timer(waitMs, () => late.resolve(null));
  try {
    return await Promise.race([renewLease(source(), call), late.promise]);
  } catch (error) {
    if (error instanceof OneupError && error.code === 'ONEUP_AGENT_DENIED') throw error;
    return null;
  } finally {
    timer.stop();
  }
}
