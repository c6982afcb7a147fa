// Asks one name server directly what it answers, with dns2 under our own deadline. dns2 does not compare the question of an
// answer with its own, nor look at AA, so both are done here.
import dns2, { Packet } from 'dns2';
import type { DomainName } from '../base/ids.ts';
import { askByTcp } from './ask-by-tcp.ts';

export type NameServerQuestion = {
  readonly server: { readonly host: string; readonly port: number };
  readonly name: DomainName;
  readonly type: 'A' | 'AAAA' | 'CNAME' | 'SOA';
  /** [udp] */
  readonly transport?: 'udp' | 'tcp';
  /** true: it is a resolver, which answers from its memory and not with authority. */
  readonly isRecursive?: boolean;
};

export type NameServerAnswer =
  | {
      readonly kind: 'answer';
      /** Of the asked type; of an SOA its serial. */
      readonly values: readonly string[];
      /** The lowest; null without a value. */
      readonly ttlSeconds: number | null;
    }
  /** `isOutOfReach`: this machine has no way there, which says nothing about the server. */
  | { readonly kind: 'silent'; readonly reason: string; readonly isOutOfReach?: true };

/** NXDOMAIN is an answer (RFC 2308): the name is not there. */
const NAME_ERROR = 3;
/** Longest wait of the client itself, in case the caller's deadline is later. */
const CLIENT_TIMEOUT_MS = 2_000;

/** What a server says of a zone or of a name in it; null when it is silent or not authoritative. */
export type AskedServer = { readonly server: NameServerQuestion['server']; readonly name: DomainName };

/** One query, no retry. Never rejects; an answer that is not authoritative or to another question is no answer. */
export async function askNameServer(
  { server, name, type, transport, isRecursive }: NameServerQuestion,
  { signal }: { readonly signal: AbortSignal },
): Promise<NameServerAnswer> {
  const read = await ask({ server, name, transport, isRecursive }, type, signal);
  if (read.kind === 'silent') return read;
  const matching = read.answers;
  const values = matching.flatMap(({ address, domain, serial }) => address ?? domain ?? serial ?? []).map(String);
  const ttlSeconds = matching.length === 0 ? null : Math.min(...matching.map((answer) => answer.ttl));
  return { kind: 'answer', values, ttlSeconds };
}

/** The serial of the zone on this server. Never rejects. */
export async function askSerial(
  asked: AskedServer,
  { signal }: { readonly signal: AbortSignal },
): Promise<number | null> {
  const read = await ask(asked, 'SOA', signal);
  if (read.kind === 'silent') return null;
  return read.answers.find(({ serial }) => serial !== undefined)?.serial ?? null;
}

/** The TXT texts of the name, none if it has none. Never rejects. */
export async function askTexts(
  asked: AskedServer,
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly string[] | null> {
  const read = await ask(asked, 'TXT', signal);
  return read.kind === 'silent'
    ? null
    : read.answers.map(({ data }) => (Array.isArray(data) ? data.join('') : String(data)));
}

type RecordType = NameServerQuestion['type'] | 'SOA' | 'TXT';

type Response = {
  readonly header: { readonly aa: number; readonly rcode: number };
  readonly questions: readonly { readonly name: string; readonly type: number }[];
  readonly answers: readonly {
    readonly name: string;
    readonly type: number;
    readonly ttl: number;
    readonly address?: string;
    readonly domain?: string;
    readonly serial?: number;
    readonly data?: unknown;
  }[];
};

type Reading =
  | { readonly kind: 'answers'; readonly answers: Response['answers'] }
  | Extract<NameServerAnswer, { kind: 'silent' }>;

type Asked = AskedServer & {
  readonly transport?: 'udp' | 'tcp' | undefined;
  readonly isRecursive?: boolean | undefined;
};

/** There is no route, or no address of that family, on this machine. */
const NO_WAY = ['ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT'];

async function ask(
  { server, name, transport = 'udp', isRecursive = false }: Asked,
  type: RecordType,
  signal: AbortSignal,
): Promise<Reading> {
  const bare = name.replace(/\.$/, '');
  const question = { name: bare, type: Packet.TYPE[type], isRecursive };
  const late = Promise.withResolvers<never>();
  late.promise.catch(() => undefined);
  const fail = () => late.reject(new Error('no answer before the deadline'));
  try {
    if (signal.aborted) fail();
    signal.addEventListener('abort', fail, { once: true });
    const asking = transport === 'tcp' ? askByTcp(server, question, signal) : askByUdp(server, question, type);
    const response = await Promise.race([asking, late.promise]);
    return read(response as unknown as Response, { bare, type, isRecursive });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const isOutOfReach = NO_WAY.includes((error as { readonly code?: string }).code ?? '');
    return { kind: 'silent', reason, ...(isOutOfReach ? { isOutOfReach } : {}) };
  } finally {
    // Node keeps a combined signal that is listened to until one of its sources aborts, and a term may last for months.
    signal.removeEventListener('abort', fail);
  }
}

function askByUdp(
  server: AskedServer['server'],
  question: { readonly name: string; readonly isRecursive: boolean },
  type: RecordType,
): Promise<unknown> {
  const resolve = dns2.UDPClient({
    dns: server.host,
    port: server.port,
    socketType: server.host.includes(':') ? 'udp6' : 'udp4',
    timeout: CLIENT_TIMEOUT_MS,
    retryOverTCP: false,
  });
  // The types of the package lack some that it knows.
  return resolve(question.name, type as 'A', Packet.CLASS.IN, { recursive: question.isRecursive });
}

type AskedFor = { readonly bare: string; readonly type: RecordType; readonly isRecursive: boolean };

function read({ header, questions, answers }: Response, asked: AskedFor): Reading {
  const [question] = questions;
  const wanted = Packet.TYPE[asked.type];
  if (question?.name.toLowerCase() !== asked.bare.toLowerCase() || question.type !== wanted) {
    return { kind: 'silent', reason: 'it answered another question' };
  }
  if (asked.isRecursive && header.rcode !== 0 && header.rcode !== NAME_ERROR)
    return { kind: 'silent', reason: `it answers rcode ${header.rcode}` };
  if (!asked.isRecursive && header.aa !== 1)
    return { kind: 'silent', reason: `it is not authoritative, rcode ${header.rcode}` };
  return { kind: 'answers', answers: answers.filter((answer) => answer.type === wanted) };
}
