// Reads what proxies answer: the header after CONNECT, and the messages of SOCKS5 (RFC 1928). Pure; any bytes may come.

import type { ReadPiece } from './byte-source.ts';
import { CheckFault } from './check-fault.ts';

/** Status of the answer to CONNECT; its header is skipped, and what follows belongs to the tunnel. */
export function readConnectAnswer(bytes: Buffer): ReturnType<ReadPiece<number>> {
  const start = bytes.subarray(0, 5).toString('latin1');
  if (!'HTTP/'.startsWith(start)) throw new CheckFault('error', 'the http proxy does not answer in HTTP');
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return 'more';
  const status = /^HTTP\/1\.[01] (\d{3})(?: |\r)/.exec(bytes.subarray(0, 64).toString('latin1'))?.[1];
  if (status === undefined) throw new CheckFault('error', 'the http proxy does not answer in HTTP');
  return { piece: Number(status), length: end + 4 };
}

export function readTwoBytes(bytes: Buffer): ReturnType<ReadPiece<readonly [number, number]>> {
  return bytes.length < 2 ? 'more' : { piece: [bytes[0] ?? 0, bytes[1] ?? 0], length: 2 };
}

/** Reply code; the address that follows it is skipped. */
export function readSocksAnswer(bytes: Buffer): ReturnType<ReadPiece<number>> {
  if (bytes.length > 0 && bytes[0] !== 5) throw new CheckFault('error', 'the socks5 proxy speaks another protocol');
  const [, reply, , kind, nameLength] = bytes;
  if (kind === undefined || nameLength === undefined || reply === undefined) return 'more';
  const addressLength = { 1: 4, 3: 1 + nameLength, 4: 16 }[kind];
  if (addressLength === undefined) throw new CheckFault('error', 'the socks5 proxy sent an unknown kind of address');
  const length = 4 + addressLength + 2;
  return bytes.length < length ? 'more' : { piece: reply, length };
}
