// Does the world see the new answer? Every authoritative server is asked directly, and each of our own has reported how long
// its old answers may live on (S31).

import type { ServiceConfig } from '../config/config.ts';
import type { MachineState } from '../failover/service-state.ts';
import { drainHorizon, type ServedReport } from '../plan/drain-horizon.ts';
import { type DnsSubject, judgeAnswer, lateResolvers } from '../plan/judge-propagation.ts';
import { parseServedRecord } from '../plan/served-record.ts';
import { askWorld } from './ask-world.ts';
import type { ControllerDeps } from './controller-deps.ts';
import { followResolvers, isWaiting } from './follow-resolvers.ts';
import { joinAnswers, type PropagationAnswer } from './join-answers.ts';
import type { Look } from './look-at-servers.ts';
import { type OwnNameServer, ownNameServers } from './own-name-servers.ts';
import type { Performer } from './performer.ts';
import { type RecordPlace, recordPlaces } from './record-places.ts';
import { isOwnZone, writtenSubject } from './written-subject.ts';

/** How long a name server has to answer anew before it is called a laggard. */
const PATIENCE_MS = 3_000;
const ASK_AGAIN_MS = 50;
const ANSWER_TIMEOUT_MS = 1_000;

const NOTHING: PropagationAnswer = { kind: 'propagation', laggards: [], horizonMonoMs: null };

/** Never rejects. Returns as soon as every server answers anew, or with those that did not in time. */
export async function askPropagation(performer: Performer, state: MachineState): Promise<PropagationAnswer> {
  const { deps } = performer;
  const places = recordPlaces(deps.config, state);
  const [first] = places;
  // Also of the second provider: what it holds from before is no new answer.
  const subject = first === undefined ? null : writtenSubject(deps.config, first.service, state.service.dns.confirmed);
  if (subject === null) return NOTHING;
  const ask = (place: RecordPlace) =>
    isOwnZone(deps.config, place.service)
      ? askOwnServers(performer, { service: place.service, subject })
      : askWorld(performer, { place, subject });
  const found = await Promise.all(places.map(ask));
  return found.length > 1 ? joinAnswers(found, behind(places)) : (found[0] ?? NOTHING);
}

/** The second provider, as long as it does not take what the first one has. */
function behind(places: readonly RecordPlace[]): readonly string[] {
  return places.flatMap(({ service, state, isSecond }) =>
    isSecond && state.service.dnsProblem !== null ? [`provider ${service.record.provider}, which was not written`] : [],
  );
}

async function askOwnServers(
  { deps, tenure }: Performer,
  { service, subject }: { readonly service: ServiceConfig; readonly subject: DnsSubject },
): Promise<PropagationAnswer> {
  const beganAtMonoMs = deps.clock.monotonicMs();
  const targets = ownNameServers(deps.config, service);
  const late = new Set<OwnNameServer>(targets);
  const reports = new Map<string, ServedReport>();
  while (!tenure.signal.aborted) {
    for (const target of targets) collectReport(deps, { subject, target, reports });
    await Promise.all(
      [...late].map(async (target) => (await answersAnew(deps, { subject, target })) && late.delete(target)),
    );
    if (late.size === 0 && reports.size === targets.length) break;
    if (deps.clock.monotonicMs() - beganAtMonoMs > PATIENCE_MS) break;
    await deps.clock.sleep(ASK_AGAIN_MS, { signal: tenure.signal }).catch(() => undefined);
  }
  const silent = targets.filter((target) => !reports.has(target.prober));
  const horizon = drainHorizon({
    writtenAtMonoMs: beganAtMonoMs,
    reports: [...reports.values(), ...silent.map(({ prober }): ServedReport => ({ kind: 'silent', server: prober }))],
    onStale: deps.config.dns.onStale,
    lostAfterMs: deps.config.cluster.timing.lostAfterMs,
    staleAfterMs: deps.config.cluster.timing.staleAfterMs,
    suspectTtlSeconds: service.record.ttl.suspectSeconds,
    oldTtlSeconds: silent.length === 0 ? 0 : service.record.ttl.steadySeconds,
    isForcedWithoutMajority: false,
    bounds: deps.config.cluster.timing,
  });
  const laggards = [...late].map(({ prober }) => prober);
  const found: PropagationAnswer = {
    kind: 'propagation',
    laggards,
    horizonMonoMs: horizon.kind === 'known' ? horizon.atMonoMs : null,
  };
  const look = { subject, zone: service.record.zone, signal: tenure.signal };
  return deps.config.dns.resolvers.length === 0 ? found : withResolvers(deps, found, { look, beganAtMonoMs });
}

/** Our servers have told what they serve; the listed resolvers tell what others make of it. */
async function withResolvers(
  { config, clock, ports }: ControllerDeps,
  found: PropagationAnswer,
  { look, beganAtMonoMs }: { readonly look: Look; readonly beganAtMonoMs: number },
): Promise<PropagationAnswer> {
  const asking = { deps: { config, clock, ...ports }, look, sinceMonoMs: beganAtMonoMs };
  const resolvers = await followResolvers(asking, config.dns.resolvers);
  const laggards = [...found.laggards, ...lateResolvers(resolvers.filter((each) => !isWaiting(each)))];
  const { name, type, values } = look.subject;
  return { ...found, laggards, report: { name, type, values, provider: null, servers: [], resolvers, laggards } };
}

type Subject = { readonly subject: DnsSubject; readonly target: OwnNameServer };

/** A report counts from the moment this controller reads it: ages travel, clocks do not (S1). */
function collectReport(
  deps: ControllerDeps,
  { subject, target, reports }: Subject & { readonly reports: Map<string, ServedReport> },
): void {
  if (reports.has(target.prober)) return;
  const key = deps.keys.served(target.prober, subject.name, subject.type);
  const served = parseServedRecord(deps.view.get(key)?.value);
  if (served === null || !isSameSet(served.values, subject.values)) return;
  reports.set(target.prober, {
    kind: 'confirmed',
    server: target.prober,
    confirmedAtMonoMs: deps.clock.monotonicMs(),
    oldTtlMaxSeconds: served.drainMs / 1_000,
  });
}

async function answersAnew(deps: ControllerDeps, { subject, target }: Subject): Promise<boolean> {
  const deadline = new AbortController();
  const timer = deps.clock.timer(ANSWER_TIMEOUT_MS, () => deadline.abort());
  try {
    const question = { server: target.server, name: subject.name, type: subject.type };
    const answer = await deps.ports.askNameServer(question, { signal: deadline.signal });
    // A weighted name is answered one address at a time; that nothing else is left is what the server reports.
    return answer.kind === 'answer' && judgeAnswer(subject, answer.values) === 'new';
  } finally {
    timer.stop();
  }
}

function isSameSet(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((value) => others.includes(value));
}
