// Reads one reply of the Redis protocol (RESP2): pure, bounded in depth and length, and any bytes may come.
import type { ReadPiece } from './byte-source.ts';
import { CheckFault } from './check-fault.ts';

export type RedisReply =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'error'; readonly text: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'list'; readonly items: readonly RedisReply[] };

/** ROLE lists one entry for each replica; deeper or longer is not what was asked for. */
const DEPTH_MAX = 4;
const ITEMS_MAX = 1_024;
const BULK_MAX_BYTES = 65_536;
/** The longest line in front of a line break that is not there. */
const LINE_MAX_BYTES = 4_096;

export function readRedisReply(bytes: Buffer): ReturnType<ReadPiece<RedisReply>> {
  const found = readAt(bytes, 0, 0);
  return found === 'more' ? 'more' : { piece: found.reply, length: found.next };
}

type Found = { readonly reply: RedisReply; readonly next: number } | 'more';

function readAt(bytes: Buffer, at: number, depth: number): Found {
  if (at >= bytes.length) return 'more';
  const sign = String.fromCharCode(bytes[at] ?? 0);
  if (!'+-:$*'.includes(sign) || depth > DEPTH_MAX) throw garbage();
  const end = bytes.indexOf('\r\n', at);
  if (end === -1) {
    if (bytes.length - at > LINE_MAX_BYTES) throw garbage();
    return 'more';
  }
  const line = bytes.subarray(at + 1, end).toString('utf8');
  const next = end + 2;
  if (sign === '+' || sign === ':') return { reply: { kind: 'text', text: line }, next };
  if (sign === '-') return { reply: { kind: 'error', text: line }, next };
  const count = /^(?:-1|\d{1,9})$/.test(line) ? Number(line) : Number.NaN;
  if (count === -1) return { reply: { kind: 'none' }, next };
  return sign === '$' ? readBulk(bytes, next, count) : readList(bytes, next, { count, depth });
}

function readBulk(bytes: Buffer, at: number, length: number): Found {
  if (!(length <= BULK_MAX_BYTES)) throw garbage();
  const next = at + length + 2;
  if (bytes.length < next) return 'more';
  if (bytes.toString('latin1', at + length, next) !== '\r\n') throw garbage();
  return { reply: { kind: 'text', text: bytes.toString('utf8', at, at + length) }, next };
}

function readList(bytes: Buffer, at: number, { count, depth }: { count: number; depth: number }): Found {
  if (!(count <= ITEMS_MAX)) throw garbage();
  const items: RedisReply[] = [];
  let next = at;
  for (let index = 0; index < count; index += 1) {
    const found = readAt(bytes, next, depth + 1);
    if (found === 'more') return 'more';
    items.push(found.reply);
    next = found.next;
  }
  return { reply: { kind: 'list', items }, next };
}

function garbage(): CheckFault {
  return new CheckFault('fail', 'the answer is not the Redis protocol');
}
