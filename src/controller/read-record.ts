// What the provider holds for a service, and what the next write would change there: for people who plan a move or hand a
// record over to oneup (S11). Asks the provider; changes nothing.
import type { NodeId } from '../base/ids.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { ServiceConfig } from '../config/config.ts';
import type { Rrset } from '../dns/rrset.ts';
import { answersOf } from '../dns/rrset-equality.ts';
import { lastWritten } from '../failover/dns-desire.ts';
import type { DnsIntent } from '../failover/intent.ts';
import type { Refusal } from '../failover/refusal.ts';
import type { MachineState } from '../failover/service-state.ts';
import { managedNames } from '../plan/ownership.ts';
import { ownershipTxt } from '../plan/ownership-txt.ts';
import { planDnsWrite } from '../plan/plan-dns-write.ts';
import type { RrsetChange } from '../plan/rrset-change.ts';
import type { DnsProvider } from '../ports/dns-provider.ts';
import { type ReadDeps, readMachine } from './read-model.ts';
import { type RecordPlace, recordPlaces } from './record-places.ts';
import { recordShown } from './record-shown.ts';
import { publishedTtl } from './record-ttl.ts';

export type RecordDeps = ReadDeps & {
  readonly generation: number;
  readonly provider: (name: string) => DnsProvider;
};

/** One RRset in words: `A 192.0.2.1 with TTL 20`. */
export type RecordLine = string;

export type RecordReport = {
  readonly name: string;
  readonly provider: string;
  readonly kind: string;
  /** Everything that stands at the name; null when the provider could not be asked, and another one could. */
  readonly holds: readonly RecordLine[] | null;
  /** What its addresses or its CNAME say now, and after that write; nothing where there is none. */
  readonly answer: { readonly before: string; readonly after: string };
  /** The ownership TXT beside it; null where there is none. */
  readonly ownership: string | null;
  /** The write that would name `node`; null where it is refused. */
  readonly change: readonly { readonly before: RecordLine | null; readonly after: RecordLine | null }[] | null;
  readonly node: NodeId | null;
  readonly problem: Refusal | null;
  /** The record stands there without ours: what `oneup adopt --record` takes to hand it over as it was shown; else null. */
  readonly shown: string | null;
  /** The record is ours and was changed: what a repair is bound to; null where it is as oneup wrote it, or cannot be put right. */
  readonly repairable: string | null;
  /** The same at the second provider; null where there is none. */
  readonly second: Omit<RecordReport, 'second'> | null;
};

type AtOne = Omit<RecordReport, 'second'>;
type Asked = { readonly to: NodeId | null; readonly repairs?: boolean; readonly signal: AbortSignal };

/**
 * `to`: the node that the write would name [the active one, else the first]. `repairs`: the write that puts the record right as it
 * was written last. Throws what the provider throws; of two, one that cannot be asked hides nothing of the other.
 */
export async function readRecord(deps: RecordDeps, service: ServiceConfig, asked: Asked): Promise<RecordReport> {
  const [first, second] = recordPlaces({ services: [service] }, readMachine(deps, service));
  if (first === undefined) throw new RangeError(`Cannot read the record of ${service.id}: it is not configured`);
  if (second === undefined) return { ...(await readAt(deps, first, asked)), second: null };
  const told = (place: RecordPlace) => readAt(deps, place, asked).catch((error) => notAsked(deps, place, error));
  const [one, other] = await Promise.all([told(first), told(second)]);
  return { ...one, second: other };
}

function notAsked({ config }: RecordDeps, { service }: RecordPlace, error: unknown): AtOne {
  const { name, provider } = service.record;
  const kind = config.providers.find((known) => known.name === provider)?.kind ?? '';
  const reason = error instanceof Error ? error.message : String(error);
  const remedy = error instanceof OneupError ? error.remedy : 'Try again when it answers';
  const problem: Refusal = { rule: 'dns.write-failed', reason: `the provider cannot be read: ${reason}`, remedy };
  const answer = { before: 'unknown', after: 'unknown' };
  const unknown = { ownership: null, change: null, node: null, shown: null, repairable: null };
  return { name, provider, kind, holds: null, answer, problem, ...unknown };
}

async function readAt(
  deps: RecordDeps,
  { service, state }: RecordPlace,
  { to, repairs = false, signal }: Asked,
): Promise<AtOne> {
  const { record } = service;
  const provider = deps.provider(record.provider);
  const current = await provider.list(record.zone, { names: managedNames(record.name), signal });
  const { confirmed } = state.service.dns;
  const intent =
    repairs && confirmed !== null ? { ...confirmed, seq: state.service.dns.seq + 1 } : nextWrite(state, service, to);
  const plan = planDnsWrite({
    cluster: deps.config.cluster.name,
    generation: deps.generation,
    service: service.id,
    record: { ...record, ttl: publishedTtl(deps.config, record).ttl },
    nodes: service.nodes,
    ...{ intent, current, confirmed, unconfirmed: state.service.dns.unconfirmed },
    repairsDrift: repairs || record.repairDrift,
    adoptsRecord: !repairs,
  });
  const ownership = ownershipTxt(record.name, current);
  const here = current.filter(({ name }) => name === record.name);
  const isAdoptable = ownership === null && here.length > 0 && plan.kind === 'write';
  return {
    ...{ name: record.name, provider: provider.name, kind: provider.kind, holds: here.map(line), ownership },
    answer: { before: answerIn(record.name, current), after: answerIn(record.name, afterWrite(current, plan)) },
    change: plan.kind === 'write' ? plan.write.changes.map(changeLine) : plan.kind === 'done' ? [] : null,
    node: intent.node,
    problem: problemOf(plan),
    shown: isAdoptable ? recordShown(record.name, current) : null,
    repairable: repairs && isChanged(plan) ? recordShown(record.name, current) : null,
  };
}

/** What stands at the provider once the write is made. */
function afterWrite(current: readonly Rrset[], plan: ReturnType<typeof planDnsWrite>): readonly Rrset[] {
  const changes = plan.kind === 'write' ? plan.write.changes : [];
  const isReplaced = ({ name, type }: Rrset) =>
    changes.some(({ before, after }) => [before, after].some((rrset) => rrset?.name === name && rrset.type === type));
  return [...current.filter((rrset) => !isReplaced(rrset)), ...changes.flatMap(({ after }) => after ?? [])];
}

function answerIn(name: string, rrsets: readonly Rrset[]): string {
  const isAnswer = (rrset: Rrset) => rrset.name === name && ['A', 'AAAA', 'CNAME'].includes(rrset.type);
  return rrsets.filter(isAnswer).flatMap(answersOf).join(', ') || 'nothing';
}

/** As a write that comes now would say it; a set answers all its nodes where it has not answered yet. */
function nextWrite(
  { rules, service: { active, dns, epoch } }: MachineState,
  service: ServiceConfig,
  to: NodeId | null,
): DnsIntent {
  const last = lastWritten(dns);
  const seq = dns.seq + 1;
  if (service.activeActive !== null) {
    const everybody = service.nodes.map(({ id, weight }) => ({ node: id, weight }));
    return { ...(last ?? { node: null, level: 'steady', epoch }), answers: last?.answers ?? everybody, seq };
  }
  const node = to ?? active ?? last?.node ?? service.nodes[0]?.id ?? null;
  if (node === last?.node) return { ...last, seq };
  // After a move the TTL is short until the service is stable, where it follows suspicions at all.
  const level = last !== null && rules.ttl.followsSuspicion ? 'settling' : (last?.level ?? 'steady');
  return { node, level, epoch: epoch + 1, seq };
}

/** More than the ownership TXT, which every write changes. */
function isChanged(plan: ReturnType<typeof planDnsWrite>): boolean {
  return plan.kind === 'write' && plan.write.changes.some(({ before, after }) => (after ?? before)?.type !== 'TXT');
}

function problemOf(plan: ReturnType<typeof planDnsWrite>): Refusal | null {
  if (plan.kind === 'drift') return plan.refusal;
  if (plan.kind !== 'stale') return null;
  return { rule: 'S27.store-went-back', reason: plan.reason, remedy: 'Look at the store: it is behind the provider' };
}

function changeLine({ before, after }: RrsetChange): { readonly before: string | null; readonly after: string | null } {
  return { before: before === null ? null : line(before), after: after === null ? null : line(after) };
}

function line(rrset: Rrset): RecordLine {
  const answers = `${rrset.type} ${answersOf(rrset).join(', ')}`;
  return rrset.alias === undefined ? `${answers} with TTL ${rrset.ttlSeconds}` : answers;
}
