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

/** One query, no retry. Never rejects; an answer that is not authoritative or to another question is no answer. */
export async function askNameServer(
  { server, name, type }: NameServerQuestion,
  { signal }: { readonly signal: AbortSignal },
): Promise<NameServerAnswer> {
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

type Response = {
  readonly header: { readonly aa: number; readonly rcode: number };
  readonly questions: readonly { readonly name: string; readonly type: number }[];
  readonly answers: readonly {
    readonly name: string;
    readonly type: number;
    readonly ttl: number;
    readonly address?: string;
  }[];
};

function read({ header, questions, answers }: Response, asked: { bare: string; type: 'A' | 'AAAA' }): NameServerAnswer {
  const [question] = questions;
  const wanted = Packet.TYPE[asked.type];
  if (question?.name.toLowerCase() !== asked.bare.toLowerCase() || question.type !== wanted) {
    return { kind: 'silent', reason: 'it answered another question' };
  }
  if (header.aa !== 1) return { kind: 'silent', reason: `it is not authoritative, rcode ${header.rcode}` };
  const matching = answers.filter((answer) => answer.type === wanted);
  return {
    kind: 'answer',
    values: matching.flatMap((answer) => (answer.address === undefined ? [] : [answer.address])),
    ttlSeconds: Math.min(...matching.map((answer) => answer.ttl), Number.MAX_SAFE_INTEGER),
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => reject(new Error('no answer before the deadline'));
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}
