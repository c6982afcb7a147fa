// A renewal of a lease: one commit that succeeds only while the grant is what the store says it is (S14), so that none can
// succeed after REVOKE (S15), and only over the renewals that were sent before it.
import { parseClaimRecord } from '../base/claim-record.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { LeaseTerms, Renewal, RenewalAnswer } from '../ports/agent-link.ts';
import type { StoreEntry } from '../ports/store.ts';
import {
  type AgentSource,
  denied,
  type Place,
  readGeneration,
  requireCluster,
  requireGeneration,
  requireNode,
} from './agent-source.ts';
import { parseGrant, parseRenewed } from './agent-wire.ts';
import { settleCommit } from './settle-commit.ts';
import type { Caller } from './token-gate.ts';

export type RenewCall = Place & { readonly caller: Caller; readonly renewal: Renewal; readonly signal: AbortSignal };

/** Between the look and the commit the grant or the lease may change: then one more look. */
const LOOKS_MAX = 2;

/** Rejects with ONEUP_AGENT_DENIED, with what the store says, or ONEUP_AGENT_UNANSWERED when the outcome is not known. */
export async function renewLease(source: AgentSource, call: RenewCall): Promise<RenewalAnswer> {
  const { renewal, caller } = call;
  requireCluster(source, call);
  const { lease } = requireNode(source, caller, renewal);
  requireTerms(renewal, lease);
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const answer = await tryOnce(source, call);
    if (answer !== null) return answer;
  }
  throw unanswered('the grant changes too quickly');
}

/** The controller waits by what the last renewal says (S15), so it says what the configuration says. */
export function requireTerms(renewal: Renewal, lease: LeaseTerms): void {
  for (const key of ['periodMs', 'stopTimeoutMs', 'marginMs'] as const) {
    if (renewal[key] === lease[key]) continue;
    throw denied(`${key} of the lease is ${lease[key]} in the configuration in force, value was ${renewal[key]}`, {
      remedy: 'The agent takes its goals again by itself; if this goes on, run oneup reload',
    });
  }
}

/** null: the grant or the lease has changed between the look and the commit. */
async function tryOnce(source: AgentSource, call: RenewCall): Promise<RenewalAnswer | null> {
  const { store, keys } = source;
  const { service, node, seen, ...renewal } = call.renewal;
  const [key, leaseKey] = [keys.grant(service), keys.lease(service, node)];
  const [entry, meta, lease] = await Promise.all([store.get(key), store.get(keys.meta), store.get(leaseKey)]);
  const { generation, version } = readGeneration(meta);
  requireGeneration(call.generation, generation);
  const grant = entry === null ? null : parseGrant(key, entry.value);
  if (entry === null || grant === null) return over('nobody holds a grant');
  if (grant.node !== node) return over(`the grant belongs to ${grant.node}`);
  if (grant.revoked) return over('the grant is revoked');
  if (grant.epoch > renewal.epoch) return { kind: 'regranted' };
  if (grant.epoch !== renewal.epoch) return over(`the grant is of epoch ${grant.epoch}`);
  requireLatest(lease, renewal);
  // S37: whoever reads the last renewal trusts that the holder asks those that it names, so none that is late may replace it, from
  // another boot either.
  const last = lease?.version ?? 0;
  if (seen !== null && seen !== last) return { kind: 'behind', version: last };
  // Who does not wait for the answer any more has a later renewal under way, which this one must not undo.
  if (call.signal.aborted) throw unanswered('the caller is gone');
  const settled = await settleCommit(store, {
    guards: [
      { kind: 'version', key, version: entry.version },
      { kind: 'version', key: keys.meta, version },
      // One that the store takes late, after its caller gave up, must not undo what was renewed since.
      lease === null ? { kind: 'absent', key: leaseKey } : { kind: 'version', key: leaseKey, version: lease.version },
    ],
    writes: [{ kind: 'put', key: leaseKey, value: JSON.stringify(renewal) }],
    token: source.uniqueId(),
  });
  if (settled.kind === 'committed')
    // A version that nobody told matches none: the next renewal learns it.
    return { kind: 'renewed', version: settled.revision ?? 0, peers: peersOf(source, service) };
  if (settled.kind === 'conflict') return null;
  throw unanswered('the store did not say whether it took the renewal');
}

/** The controller waits by what was renewed last (S15): what took a detour on its way here says less than what came before it. */
function requireLatest(lease: StoreEntry | null, { bootId, sentBootMs }: Pick<Renewal, 'bootId' | 'sentBootMs'>): void {
  const there = lease === null ? null : parseRenewed(lease.value);
  if (there?.bootId === bootId && there.sentBootMs > sentBootMs) throw unanswered('a later renewal is in the store');
}

/** Processes that answer claims of this service and are alive, as far as this prober knows (S37). */
function peersOf({ view, keys }: AgentSource, service: string): readonly string[] {
  return view.list(keys.claims(service)).flatMap(({ value }) => parseClaimRecord(value)?.peer ?? []);
}

function over(reason: string): RenewalAnswer {
  return { kind: 'over', reason };
}

function unanswered(reason: string): OneupError {
  return new OneupError('ONEUP_AGENT_UNANSWERED', `Cannot renew the lease: ${reason}`, {
    remedy: 'The agent tries again by itself, here or at another prober',
  });
}
