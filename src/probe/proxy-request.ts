// Asks a proxy for the way to a node: CONNECT of HTTP (RFC 9110 section 9.3.6) or SOCKS5 (RFC 1928, RFC 1929). What the proxy
// says about the node is the node's failure; a proxy that refuses, or cannot itself, is ours (S22).
import { isIP, type Socket } from 'node:net';
import type { ProxyTarget } from '../config/check-target.ts';
import { parseAddress } from '../dns/address.ts';
import { readPiece } from './byte-source.ts';
import { CheckFault } from './check-fault.ts';
import { readConnectAnswer, readSocksAnswer, readTwoBytes } from './proxy-answer.ts';

export type Way = {
  readonly proxy: ProxyTarget;
  readonly host: string;
  readonly port: number;
  /** The proxy has been asked to connect: from here on it is the node that is waited for. */
  readonly onAsked: () => void;
};

/** The header of an answer to CONNECT may be this long; more is no proxy. */
const LIMITS = { maxBytes: 16_384, blame: 'error' } as const;

/** Resolves when the socket leads to the node. */
export async function askProxy(socket: Socket, way: Way): Promise<void> {
  await (way.proxy.kind === 'http' ? askHttp(socket, way) : askSocks(socket, way));
}

async function askHttp(socket: Socket, { proxy, host, port, onAsked }: Way): Promise<void> {
  const place = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const lines = [`CONNECT ${place} HTTP/1.1`, `Host: ${place}`];
  if (proxy.username !== null) {
    const login = Buffer.from(`${proxy.username}:${proxy.password?.reveal() ?? ''}`).toString('base64');
    lines.push(`Proxy-Authorization: Basic ${login}`);
  }
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  onAsked();
  const status = await readPiece(socket, readConnectAnswer, LIMITS);
  if (status >= 200 && status <= 299) return;
  const said = `the http proxy answered with status ${status}`;
  // 502 to 504 speak of what lies behind a gateway (RFC 9110 section 15.6); everything else of the proxy or of our request.
  const isAboutNode = status >= 502 && status <= 504;
  throw new CheckFault(isAboutNode ? 'fail' : 'error', said, { reach: 'unknown' });
}

const VERSION = 5;
const NO_LOGIN = 0;
const LOGIN = 2;

async function askSocks(socket: Socket, { proxy, host, port, onAsked }: Way): Promise<void> {
  const methods = proxy.username === null ? [NO_LOGIN] : [NO_LOGIN, LOGIN];
  socket.write(Buffer.from([VERSION, methods.length, ...methods]));
  const [version, method] = await readPiece(socket, readTwoBytes, LIMITS);
  if (version !== VERSION) throw new CheckFault('error', 'the socks5 proxy speaks another protocol');
  if (method === LOGIN && proxy.username !== null) await logIn(socket, proxy);
  else if (method !== NO_LOGIN) throw new CheckFault('error', 'the socks5 proxy wants another way to log in');
  const portBytes = [port >> 8, port & 0xff];
  socket.write(Buffer.from([VERSION, 1, 0, ...placeBytes(host), ...portBytes]));
  onAsked();
  const reply = await readPiece(socket, readSocksAnswer, LIMITS);
  if (reply === 0) return;
  const meaning = REPLIES[reply];
  if (meaning === undefined)
    throw new CheckFault('error', `the socks5 proxy could not connect, its reply was ${reply}`);
  throw new CheckFault('fail', `the socks5 proxy says: ${meaning.words}`, { reach: meaning.reach, phase: 'connect' });
}

/** The replies that speak of the node (RFC 1928 section 6); the others speak of the proxy. */
const REPLIES: Readonly<Record<number, { readonly words: string; readonly reach: 'reached' | 'unknown' }>> = {
  3: { words: 'network unreachable', reach: 'unknown' },
  4: { words: 'host unreachable', reach: 'unknown' },
  5: { words: 'connection refused', reach: 'reached' },
  6: { words: 'no answer in time', reach: 'unknown' },
};

/** RFC 1929: user and password, each with one byte for its length. */
async function logIn(socket: Socket, { username, password }: ProxyTarget): Promise<void> {
  const words = [username ?? '', password?.reveal() ?? ''].map((word) => Buffer.from(word));
  socket.write(Buffer.concat([Buffer.from([1]), ...words.flatMap((word) => [Buffer.from([word.length]), word])]));
  const [, status] = await readPiece(socket, readTwoBytes, LIMITS);
  if (status !== 0) throw new CheckFault('error', 'the socks5 proxy refused user or password');
}

function placeBytes(host: string): readonly number[] {
  const family = isIP(host);
  const address = parseAddress(host);
  if (family !== 0 && address.ok) return [family === 4 ? 1 : 4, ...address.value.octets];
  const name = Buffer.from(host);
  return [3, name.length, ...name];
}
