// Asks one name server directly what it answers, with dns2's UDP client under our own deadline. dns2 does not compare the
// question of an answer with its own, nor look at AA, so both are done here.
import dns2, { Packet } from 'dns2';
import type { DomainName } from '../base/ids.ts';

export type NameServerQuestion = {
  readonly server: { readonly host: string; readonly port: number };
  readonly name: DomainName;
  readonly type: 'A' | 'AAAA';
};

export type NameServerAnswer =
  | { readonly kind: 'answer'; readonly values: readonly string[]; readonly ttlSeconds: number }
  | { readonly kind: 'silent'; readonly reason: string };

/** Longest wait of the client itself, in case the caller's deadline is later. */
const CLIENT_TIMEOUT_MS = 2_000;

/** What a server says of a zone or of a name in it; null when it is silent or not authoritative. */
export type AskedServer = { readonly server: NameServerQuestion['server']; readonly name: DomainName };

/** One query, no retry. Never rejects; an answer that is not authoritative or to another question is no answer. */
export async function askNameServer(
  { server, name, type }: NameServerQuestion,
  { signal }: { readonly signal: AbortSignal },
): Promise<NameServerAnswer> {
  const read = await ask({ server, name }, type, signal);
  if (read.kind === 'silent') return read;
  const matching = read.answers;
  return {
    kind: 'answer',
    values: matching.flatMap((answer) => (answer.address === undefined ? [] : [answer.address])),
    ttlSeconds: Math.min(...matching.map((answer) => answer.ttl), Number.MAX_SAFE_INTEGER),
  };
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
    readonly serial?: number;
    readonly data?: unknown;
  }[];
};

type Reading =
  | { readonly kind: 'answers'; readonly answers: Response['answers'] }
  | { readonly kind: 'silent'; readonly reason: string };

async function ask({ server, name }: AskedServer, type: RecordType, signal: AbortSignal): Promise<Reading> {
  const resolve = dns2.UDPClient({
    dns: server.host,
    port: server.port,
    socketType: server.host.includes(':') ? 'udp6' : 'udp4',
    timeout: CLIENT_TIMEOUT_MS,
    retryOverTCP: false,
  });
  const bare = name.replace(/\.$/, '');
  try {
    const response = await Promise.race([resolve(bare, type, Packet.CLASS.IN, { recursive: false }), aborted(signal)]);
    return read(response as unknown as Response, { bare, type });
  } catch (error) {
    return { kind: 'silent', reason: error instanceof Error ? error.message : String(error) };
  }
}

function read({ header, questions, answers }: Response, asked: { bare: string; type: RecordType }): Reading {
  const [question] = questions;
  const wanted = Packet.TYPE[asked.type];
  if (question?.name.toLowerCase() !== asked.bare.toLowerCase() || question.type !== wanted) {
    return { kind: 'silent', reason: 'it answered another question' };
  }
  if (header.aa !== 1) return { kind: 'silent', reason: `it is not authoritative, rcode ${header.rcode}` };
  return { kind: 'answers', answers: answers.filter((answer) => answer.type === wanted) };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => reject(new Error('no answer before the deadline'));
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}
