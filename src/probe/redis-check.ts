// Asks a Redis server for PONG and, where wanted, for the part that it plays. Commands and replies by hand (RESP2).
import type { Socket } from 'node:net';
import type { RedisTarget } from '../config/check-target.ts';
import { readPiece } from './byte-source.ts';
import { CheckFault } from './check-fault.ts';
import type { CheckOutcome } from './check-outcome.ts';
import { type ConverseOptions, converse } from './converse.ts';
import { type RedisReply, readRedisReply } from './redis-reply.ts';

const REPLY_MAX_BYTES = 131_072;
const REASON_CHARS = 160;
/** What the server says of our login and rights: we could not look, and the node may be well (S22). */
const DENIED = /^(?:NOAUTH|WRONGPASS|NOPERM|ERR (?:invalid password|Client sent AUTH|AUTH ))/;
/** How the server calls the parts. */
const ROLES = { primary: 'master', replica: 'slave' } as const;

/** Never rejects; safe to repeat. */
export function redisCheck(target: RedisTarget, options: ConverseOptions): Promise<CheckOutcome> {
  const { host, port, tls, role } = target;
  const party = { host, port, what: `ping redis at ${host}:${port}`, tls, proxy: null };
  return converse(party, options, async (socket, timer) => {
    await logIn(socket, target);
    const pong = await ask(socket, ['PING']);
    if (pong.kind !== 'text' || pong.text !== 'PONG') throw new CheckFault('fail', 'the answer to PING is not PONG');
    if (role === null) return 'PONG';
    timer.begin('body');
    const played = await ask(socket, ['ROLE']);
    const [first] = played.kind === 'list' ? played.items : [];
    if (first?.kind === 'text' && first.text === ROLES[role]) return `PONG, role ${role}`;
    throw new CheckFault('fail', `the server is not a ${role}`);
  });
}

async function logIn(socket: Socket, { username, password }: RedisTarget): Promise<void> {
  if (password === null) return;
  const words = username === null ? [password.reveal()] : [username, password.reveal()];
  const reply = await ask(socket, ['AUTH', ...words]);
  if (reply.kind !== 'text' || reply.text !== 'OK') throw new CheckFault('fail', 'the answer to AUTH is not OK');
}

async function ask(socket: Socket, words: readonly string[]): Promise<RedisReply> {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  socket.write(`*${words.length}\r\n${parts.join('')}`);
  const reply = await readPiece(socket, readRedisReply, { maxBytes: REPLY_MAX_BYTES });
  if (reply.kind !== 'error') return reply;
  // The text of an answer to AUTH may repeat what was sent.
  const said = words[0] === 'AUTH' ? `${reply.text.split(' ', 1)[0]} to AUTH` : reply.text.slice(0, REASON_CHARS);
  throw new CheckFault(DENIED.test(reply.text) ? 'error' : 'fail', `the server answered ${said}`);
}
