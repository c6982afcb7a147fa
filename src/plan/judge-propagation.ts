// Who answers anew and who does not: the comparison of an answer with what was written, and the names of the laggards. CNAMEs are
// compared as names (RFC 4343), addresses as texts in their one spelling.
import type { DomainName } from '../base/ids.ts';
import type { RrType } from '../dns/rrset.ts';
import type { DnsIntent } from '../failover/intent.ts';
import type { DnsLook, PropagationReport, ResolverReport, ServerReport } from '../failover/propagation-report.ts';
import { weightsOf } from './published-addresses.ts';
import { answerRrsets, type PlacedNode, type PublishedAnswer, publishedBy } from './published-answer.ts';

/** What the name of a service shall answer. */
export type DnsSubject = {
  readonly name: DomainName;
  readonly type: PropagationReport['type'];
  readonly values: readonly string[];
  /** `some`: a weighted name is answered one address at a time. `any`: an alias has the addresses of its target. */
  readonly match: 'all' | 'some' | 'any';
  /** Every answer that this service can have; one of them that was not written is an old one. */
  readonly own: readonly string[];
  /** The provider may stand before the service with addresses of its own. */
  readonly mayHide: boolean;
};

export type SubjectInput = {
  readonly name: DomainName;
  /** Address, or absolute name, that says sorry (S28). */
  readonly sorry: string | null;
  readonly nodes: readonly PlacedNode[];
  readonly write: DnsIntent | null;
  readonly mayHide: boolean;
};

/** Null where nothing was written, or only what is not configured any more: then nobody can answer it. */
export function dnsSubject({ name, sorry, nodes, write, mayHide }: SubjectInput): DnsSubject | null {
  if (write === null) return null;
  const named = write.answers?.map(({ node }) => node) ?? [write.node];
  const apology = sorry === null ? [] : [sorryAnswer(sorry)];
  const written = named.flatMap((id) => {
    if (id === null) return apology;
    const found = nodes.find((node) => node.id === id);
    return found === undefined ? [] : [publishedBy(found)];
  });
  if (written.length === 0) return null;
  const [rrset] = answerRrsets(name, written, { ttlSeconds: 0 });
  if (rrset === undefined || !isAskedFor(rrset.type)) return null;
  const own = [...nodes.map(publishedBy), ...apology].flatMap((answer) =>
    answerRrsets(name, [answer], { ttlSeconds: 0 }).flatMap(({ values }) => values),
  );
  const match = rrset.alias !== undefined ? 'any' : weightsOf(write.answers) === null ? 'all' : 'some';
  return { name, type: rrset.type, values: rrset.values, match, own, mayHide };
}

function sorryAnswer(sorry: string): PublishedAnswer {
  return sorry.endsWith('.') ? { kind: 'name', target: sorry } : { kind: 'address', address: sorry };
}

function isAskedFor(type: RrType): type is DnsSubject['type'] {
  return type === 'A' || type === 'AAAA' || type === 'CNAME';
}

/** An answer of a server, judged against what was written. */
export function judgeAnswer(
  { type, values, match, own, mayHide }: DnsSubject,
  answered: readonly string[],
): AnswerKind {
  const spell = (value: string) => (type === 'CNAME' ? value.toLowerCase().replace(/\.?$/, '.') : value);
  const wanted = new Set(values.map(spell));
  const found = new Set(answered.map(spell));
  if (match === 'any') return found.size > 0 ? 'new' : 'old';
  const isKnown = found.size > 0 && [...found].every((value) => wanted.has(value));
  if (isKnown && (match === 'some' || found.size === wanted.size)) return 'new';
  // A proxied CNAME is answered by addresses, so the question for it has an empty answer.
  const isForeign = (found.size > 0 || type === 'CNAME') && !own.some((value) => found.has(spell(value)));
  return mayHide && isForeign ? 'hidden' : 'old';
}

export type AnswerKind = 'new' | 'old' | 'hidden';

/** Both ways agree, or one of them cannot be had: a server that shows the old answer on any way still gives it to somebody. */
export function showsNew({ udp, tcp }: Pick<ServerReport, 'udp' | 'tcp'>): boolean {
  const isNew = ({ kind }: DnsLook) => kind === 'new' || kind === 'hidden';
  return (isNew(udp) || isNew(tcp)) && udp.kind !== 'old' && tcp.kind !== 'old';
}

/**
 * Servers that do not answer anew, by name and address. An address to which there is no way from here is left out when the
 * same server answers anew at another: a prober without IPv6 knows nothing about IPv6.
 */
export function lateServers(servers: readonly ServerReport[]): readonly string[] {
  return servers.filter((server) => isLate(server, servers)).map(describeServer);
}

function isLate(server: ServerReport, all: readonly ServerReport[]): boolean {
  if (showsNew(server)) return false;
  const isOutOfReach = server.udp.kind === 'unreachable' && server.tcp.kind === 'unreachable';
  return !isOutOfReach || !all.some((other) => other.server === server.server && showsNew(other));
}

function describeServer({ server, at }: ServerReport): string {
  return server === at ? at : `${server} at ${at}`;
}

/** A resolver that is silent is no laggard: it gives nobody the old answer. */
export function lateResolvers(resolvers: readonly ResolverReport[]): readonly string[] {
  return resolvers.filter(({ look }) => look.kind === 'old').map(({ at }) => `resolver ${at}`);
}

/** One look in words: `203.0.113.21 (TTL 17 s)`. */
export function describeLook(look: DnsLook): string {
  if ('reason' in look) return `${look.kind}: ${look.reason}`;
  const values = look.values.length === 0 ? 'nothing' : look.values.join(' ');
  const whose = look.kind === 'hidden' ? ', addresses of the provider' : '';
  return look.ttlSeconds === null ? values : `${values} (TTL ${look.ttlSeconds} s)${whose}`;
}
