// Does the world see a write to a zone that others serve? Every authoritative server is asked directly until it answers anew, the
// provider says what it knows of its own servers, and the listed resolvers show what they still hold. Who does not follow is
// named; as long as somebody does not, nobody knows until when the old answer lives (S31).
import { waitForPeriodMs } from '../base/clock-bounds.ts';
import type { ServiceConfig } from '../config/config.ts';
import type { Answer } from '../failover/machine-event.ts';
import type { PropagationReport, ServerReport } from '../failover/propagation-report.ts';
import { drainHorizon } from '../plan/drain-horizon.ts';
import { type DnsSubject, lateResolvers, lateServers, showsNew } from '../plan/judge-propagation.ts';
import { askProvider } from './ask-provider.ts';
import { followResolvers, heldMs, isWaiting } from './follow-resolvers.ts';
import { type LastWrite, recallWrite } from './last-writes.ts';
import { type DnsTarget, findTargets, type Look, type LookDeps, lookAtServer } from './look-at-servers.ts';
import type { Performer } from './performer.ts';
import type { RecordPlace } from './record-places.ts';
import { publishedTtl } from './record-ttl.ts';

type PropagationAnswer = Extract<Answer, { kind: 'propagation' }>;

/** First pause between two looks; each is half as long again, so that a minute is about a dozen looks. */
const LOOK_AGAIN_MS = 250;
const LOOK_AGAIN_MAX_MS = 10_000;

type World = {
  readonly deps: LookDeps;
  readonly service: ServiceConfig;
  readonly subject: DnsSubject;
  readonly write: LastWrite | null;
  /** From when times are told: the write, or the first question where the write is not remembered. */
  readonly sinceMonoMs: number;
  readonly look: Look;
};

/** Never rejects. */
export async function askWorld(
  performer: Performer,
  { place, subject }: { readonly place: RecordPlace; readonly subject: DnsSubject },
): Promise<PropagationAnswer> {
  const { deps, tenure, writes } = performer;
  const { service, state, key } = place;
  const write = recallWrite(writes, key, { dns: state.service.dns, monoMs: deps.clock.monotonicMs() });
  const look = { subject, zone: service.record.zone, signal: tenure.signal };
  const sinceMonoMs = write?.sinceMonoMs ?? deps.clock.monotonicMs();
  const { config, clock, ports } = deps;
  const world = { deps: { config, clock, ...ports }, service, subject, write, sinceMonoMs, look };
  const found = await findTargets(world.deps, service, tenure.signal);
  const servers = found.kind === 'found' ? await followServers(world, found.targets) : [];
  const { provider: providerName } = service.record;
  const question = { key, provider: providerName, write, signal: tenure.signal };
  const provider = await askProvider(performer, question);
  const resolvers = await followResolvers(world, config.dns.resolvers);
  const missing = found.kind === 'found' ? [] : [`the name servers of ${service.record.zone} (${found.reason})`];
  const pending = provider === 'pending' ? [`provider ${providerName}, which still spreads the change`] : [];
  const late = [...missing, ...lateServers(servers), ...pending];
  const laggards = [...late, ...lateResolvers(resolvers.filter((each) => !isWaiting(each)))];
  const { name, type, values } = subject;
  const report: PropagationReport = { name, type, values, provider, servers, resolvers, laggards };
  return { kind: 'propagation', laggards, horizonMonoMs: late.length > 0 ? null : horizon(world, report), report };
}

/** Asks all, then again those that are late, until none is or their time is over. */
async function followServers(world: World, targets: readonly DnsTarget[]): Promise<readonly ServerReport[]> {
  const { deps, look, sinceMonoMs } = world;
  const { clock } = deps;
  const untilMonoMs = clock.monotonicMs() + deps.config.dns.patienceMs;
  const reports = new Map<DnsTarget, ServerReport>();
  for (let pauseMs = LOOK_AGAIN_MS; !look.signal.aborted; pauseMs = Math.min(pauseMs * 1.5, LOOK_AGAIN_MAX_MS)) {
    const late = targets.filter((target) => (reports.get(target)?.newAfterMs ?? null) === null);
    const seen = await Promise.all(late.map((target) => lookAtServer(deps, target, look)));
    for (const [index, target] of late.entries()) {
      const found = seen[index];
      if (found === undefined) continue;
      const newAfterMs = showsNew(found) ? Math.round(clock.monotonicMs() - sinceMonoMs) : null;
      reports.set(target, { ...found, newAfterMs });
    }
    if (lateServers([...reports.values()]).length === 0 || clock.monotonicMs() + pauseMs > untilMonoMs) break;
    await clock.sleep(pauseMs, { signal: look.signal }).catch(() => undefined);
  }
  return [...reports.values()];
}

/** S31: who took it last, and what resolvers say that they still hold. */
function horizon(
  { deps, service, write, sinceMonoMs }: World,
  { servers, resolvers }: PropagationReport,
): number | null {
  const { config, clock } = deps;
  const { ttl } = publishedTtl(config, service.record);
  const oldTtlSeconds = write?.oldTtlSeconds ?? ttl.steadySeconds;
  const found = drainHorizon({
    writtenAtMonoMs: sinceMonoMs,
    reports: servers
      .filter(({ newAfterMs }) => newAfterMs !== null)
      .map(({ server, newAfterMs }) => ({
        kind: 'confirmed',
        server,
        confirmedAtMonoMs: sinceMonoMs + (newAfterMs ?? 0),
        oldTtlMaxSeconds: oldTtlSeconds,
      })),
    onStale: 'refuse',
    lostAfterMs: config.cluster.timing.lostAfterMs,
    staleAfterMs: config.cluster.timing.staleAfterMs,
    suspectTtlSeconds: ttl.suspectSeconds,
    oldTtlSeconds,
    isForcedWithoutMajority: false,
    bounds: config.cluster.timing,
  });
  if (found.kind === 'unknown') return null;
  const held = Math.max(0, ...resolvers.map(heldMs));
  const heldUntilMonoMs = held === 0 ? 0 : clock.monotonicMs() + waitForPeriodMs(held, config.cluster.timing);
  return Math.max(found.atMonoMs, heldUntilMonoMs);
}
