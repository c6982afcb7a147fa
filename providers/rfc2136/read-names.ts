// Reads what a zone holds at some names: every type by a query of its own, at the primary, all over one connection. Not by ANY,
// which a server may answer with a part (RFC 8482 section 4), and not by AXFR, which moves the whole zone.
import { randomInt } from 'node:crypto';
import type { DomainName } from '../../src/base/ids.ts';
import { err, ok, type Result } from '../../src/base/result.ts';
import { canonicalName } from '../../src/dns/canonical-name.ts';
import type { Message } from '../../src/dns/decode-message.ts';
import { encodeQuery } from '../../src/dns/encode-query.ts';
import { encodeUpdate } from '../../src/dns/encode-update.ts';
import { formatRcode, RCODE } from '../../src/dns/rcode.ts';
import { CLASS_IN, RR_TYPE } from '../../src/dns/rr-type.ts';
import type { Rrset, RrsetKey } from '../../src/dns/rrset.ts';
import type { ProviderErrorCode } from '../../src/ports/dns-provider.ts';
import type { Answer } from './answer.ts';
import { RFC2136_CAPABILITIES } from './capabilities.ts';
import { exchange } from './exchange.ts';
import { type Primary, primaryText } from './primary.ts';

/** 16 bits (RFC 1035 section 4.1.1). */
const ID_COUNT = 65_536;

export type ReadFault = { readonly code: ProviderErrorCode; readonly reason: string };

/** Everything at those of `names` that are in the zone. The SOA is asked too: that this zone is served here, and no other. */
export async function readNames(
  primary: Primary,
  zone: DomainName,
  { names, signal }: { readonly names: readonly DomainName[]; readonly signal: AbortSignal },
): Promise<Result<readonly Rrset[], ReadFault>> {
  // Sorted, as values are below: servers turn the order of records, and the same content gives the same list.
  const inside = names.toSorted().filter((name) => name === zone || zone === '.' || name.endsWith(`.${zone}`));
  const keys = inside.flatMap((name) => RFC2136_CAPABILITIES.types.map((type): RrsetKey => ({ name, type })));
  const questions = [{ name: zone, type: 'SOA' } as const, ...keys];
  const queries = encodeAll(questions, { zone, names: inside });
  if (!queries.ok) return err({ code: 'ONEUP_PROVIDER_REFUSED', reason: queries.error });
  const done = await exchange(primary, queries.value, { signal });
  if (done.kind === 'unanswered') return err({ code: 'ONEUP_PROVIDER_UNREACHABLE', reason: done.reason });
  const messages: Message[] = [];
  for (const answer of done.answers.slice(0, questions.length)) {
    if (answer.kind !== 'message') return err(explain(answer, zone));
    messages.push(answer.message);
  }
  const server = primaryText(primary);
  const foreign = findForeignZone(messages[0], { zone, server });
  if (foreign !== null) return err(foreign);
  const made = new Set(inside.filter((_, index) => isAbsent(done.answers[questions.length + index])));
  const rrsets: Rrset[] = [];
  for (const [index, key] of keys.entries()) {
    const read = readRrset(messages[index + 1], { key, zone, server });
    if (!read.ok) return read;
    if (read.value !== null && !made.has(key.name)) rrsets.push(read.value);
  }
  return ok(rrsets);
}

/**
 * One query each, and for each name an UPDATE without a step, which changes nothing: its prerequisite sees what a query cannot,
 * that the name is not there and a wildcard has answered in its place. The ids differ, and nobody can guess them.
 */
function encodeAll(
  questions: readonly RrsetKey[],
  { zone, names }: { readonly zone: DomainName; readonly names: readonly DomainName[] },
): Result<readonly Uint8Array[], string> {
  const first = randomInt(ID_COUNT);
  const messages: Uint8Array[] = [];
  for (const { name, type } of questions) {
    const id = (first + messages.length) % ID_COUNT;
    const query = encodeQuery({ id, name, type: RR_TYPE[type], edns: null });
    if (!query.ok) return err(`${name}: ${query.error}`);
    messages.push(query.value);
  }
  for (const name of names) {
    const id = (first + messages.length) % ID_COUNT;
    const probe = encodeUpdate({ id, zone, prerequisites: [{ kind: 'nameInUse', name }], steps: [] });
    if (!probe.ok) return err(probe.error);
    messages.push(probe.value);
  }
  return ok(messages);
}

function explain(answer: Exclude<Answer, { kind: 'message' }>, zone: DomainName): ReadFault {
  if (answer.kind === 'invalid') return { code: 'ONEUP_PROVIDER_ANSWER_INVALID', reason: answer.reason };
  // What a server says that has no such zone, and therefore no key for it.
  if (answer.kind === 'unsigned' && answer.rcode === RCODE.REFUSED) {
    return { code: 'ONEUP_PROVIDER_ZONE_UNKNOWN', reason: `${answer.reason}: it does not serve the zone ${zone}` };
  }
  return { code: 'ONEUP_PROVIDER_DENIED', reason: answer.reason };
}

/** RFC 2136 section 3.2.5. A server that does not let our key ask so says something else, and then what was read counts. */
function isAbsent(answer: Answer | undefined): boolean {
  return answer?.kind === 'message' && answer.message.rcode === RCODE.NXDOMAIN;
}

type Place = { readonly zone: DomainName; readonly server: string };

/** Why the zone is not one of this server, or null. */
function findForeignZone(message: Message | undefined, { zone, server }: Place): ReadFault | null {
  const soa = message?.answers.find(({ name, type }) => type === 'SOA' && isName(name, zone));
  if (message?.rcode === RCODE.NOERROR && message.isAuthoritative && soa !== undefined) return null;
  if (message === undefined || message.rcode === RCODE.SERVFAIL) return servfail(server, zone);
  const answered = message.rcode === RCODE.NOERROR ? 'no SOA of its own' : formatRcode(message.rcode);
  return {
    code: 'ONEUP_PROVIDER_ZONE_UNKNOWN',
    reason: `${server} does not serve the zone ${zone}, or not to our key: it answered ${answered}`,
  };
}

function readRrset(
  message: Message | undefined,
  { key, zone, server }: Place & { readonly key: RrsetKey },
): Result<Rrset | null, ReadFault> {
  const { name, type } = key;
  if (message === undefined || message.rcode === RCODE.SERVFAIL) return err(servfail(server, zone));
  const isAnswer = message.rcode === RCODE.NOERROR || message.rcode === RCODE.NXDOMAIN;
  if (!isAnswer || !message.isAuthoritative) {
    const reason = isAnswer
      ? `${name} is not in ${zone} at ${server}: it is delegated to other servers`
      : `${server} answered ${formatRcode(message.rcode)} for ${name}`;
    return err({ code: 'ONEUP_PROVIDER_ZONE_UNKNOWN', reason });
  }
  // Behind an alias the SOA is that of the zone of its target.
  const isAlias = message.answers.some((record) => record.type === 'CNAME');
  const apex = isAlias ? undefined : message.authorities.find((record) => record.type === 'SOA');
  if (apex !== undefined && !isName(apex.name, zone)) {
    return err({ code: 'ONEUP_PROVIDER_ZONE_UNKNOWN', reason: `${name} is in the zone ${apex.name}, not in ${zone}` });
  }
  const records = message.answers.filter(
    (record) => record.type === type && record.class === CLASS_IN && isName(record.name, name),
  );
  if (records.length === 0) return ok(null);
  // RFC 2181 section 5.2: the TTLs of one RRset are equal; of a server that thinks otherwise the lowest is what clients keep.
  const ttlSeconds = Math.min(...records.map((record) => record.ttlSeconds));
  return ok({ name, type, ttlSeconds, values: records.map(({ text }) => text).toSorted() });
}

function servfail(server: string, zone: DomainName): ReadFault {
  const reason = `${server} answered SERVFAIL: it cannot serve ${zone}, see its log`;
  return { code: 'ONEUP_PROVIDER_REFUSED', reason };
}

function isName(text: string, name: DomainName): boolean {
  const canonical = canonicalName(text);
  return canonical.ok && canonical.value === name;
}
