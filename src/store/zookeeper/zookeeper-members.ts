// The servers of ZooKeeper, each asked with `srvr` on the port of clients, encrypted where that is: the one of its commands of
// four letters that is answered unless somebody switches it off. It needs no login.
import type { Socket } from 'node:net';
import type { MemberAnswer, MemberState, StoreMember } from '../../ports/store-member.ts';
import { type AskLimits, askMembers, memberName } from '../ask-members.ts';
import { answerOf, oneLine } from '../member-fault.ts';
import { type Endpoint, openSocket, type TlsOptions } from './open-socket.ts';

/** The answer has ten lines. */
const ANSWER_CHARS_MAX = 16 * 1024;
const PARTS: Readonly<Record<string, MemberState>> = {
  leader: 'leads',
  follower: 'follows',
  observer: 'observes',
  standalone: 'alone',
};

type Access = { readonly endpoints: readonly Endpoint[]; readonly tls: TlsOptions | null };

/** Never rejects. */
export async function askZookeeperMembers(
  { endpoints, tls }: Access,
  limits: AskLimits,
): Promise<readonly StoreMember[]> {
  const { clock, timeoutMs } = limits;
  const rows = await askMembers(
    endpoints.map((endpoint) => ({
      name: memberName(endpoint),
      ask: async (signal: AbortSignal) =>
        readServer(await answerTo('srvr', await openSocket({ endpoint, tls, clock, timeoutMs, signal }), signal)),
    })),
    limits,
  );
  // Servers that stand alone are as many stores as there are servers.
  const isApart = ({ state }: StoreMember) => state === 'alone' && endpoints.length > 1;
  return rows.map((row) => (isApart(row) ? { ...row, reason: 'it knows nothing of the other endpoints' } : row));
}

async function answerTo(question: string, socket: Socket, signal: AbortSignal): Promise<string> {
  const stop = () => socket.destroy(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    socket.write(question);
    let text = '';
    for await (const chunk of socket.setEncoding('latin1')) {
      text += chunk;
      if (text.length > ANSWER_CHARS_MAX) throw new Error('this is not ZooKeeper');
    }
    return text;
  } finally {
    signal.removeEventListener('abort', stop);
    // What else goes wrong with it is of no interest any more.
    socket.on('error', () => undefined);
    socket.destroy();
  }
}

function readServer(text: string): MemberAnswer {
  if (text === '') throw new Error('the connection was closed');
  if (/^srvr is not executed/.test(text)) return answerOf('answers', 'srvr is switched off on it');
  if (/not currently serving requests/.test(text))
    return answerOf('refuses', 'it serves nobody now, as without a majority');
  const version = /^Zookeeper version: ([^\s,]{1,40})/m.exec(text)?.[1];
  const state = PARTS[/^Mode: (\w{1,20})/m.exec(text)?.[1] ?? ''];
  if (version === undefined || state === undefined) throw new Error('this is not ZooKeeper');
  // Such as 3.8.0-5a02a05eddb59aee6ac762f7ea82e92a68eb9c0f.
  return { ...answerOf(state), version: oneLine(version.split('-')[0] ?? version) };
}
