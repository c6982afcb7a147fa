// Opens the stream to one server: plain, or encrypted with both sides proving who they are.
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Clock } from '../../base/clock.ts';
import { OneupError } from '../../base/oneup-error.ts';

export type Endpoint = { readonly host: string; readonly port: number };

/** PEM texts. */
export type TlsOptions = {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  /** Name that the server's certificate must bear [the host]. */
  readonly serverName: string | null;
};

export type OpenSocketOptions = {
  readonly endpoint: Endpoint;
  readonly tls: TlsOptions | null;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

/** Codes of errors that are about certificates, not about reaching anybody. */
const ABOUT_CERTIFICATES = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS|ERR_OSSL|PEM/;

export function nameOf({ host, port }: Endpoint): string {
  return `${host}:${port}`;
}

/** Throws OneupError. Leaves no socket behind when it throws. */
export async function openSocket(options: OpenSocketOptions): Promise<Socket> {
  const { endpoint, tls, clock, timeoutMs, signal } = options;
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = tls === null ? connectPlain({ ...endpoint, noDelay: true }) : tryTls(endpoint, tls);
  const timer = clock.timer(timeoutMs, () => reject(notOpened(endpoint, `no connection within ${timeoutMs} ms`)));
  const stop = (): void => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  socket.once(tls === null ? 'connect' : 'secureConnect', () => resolve(socket));
  const fail = (cause: Error): void => reject(notOpened(endpoint, cause.message, cause));
  socket.once('error', fail);
  const closed = (): void => reject(notOpened(endpoint, 'the connection was closed'));
  socket.once('close', closed);
  try {
    const opened = await promise;
    opened.off('error', fail).off('close', closed);
    return opened;
  } catch (error) {
    // What else goes wrong with it is of no interest any more.
    socket.on('error', () => undefined);
    socket.destroy();
    throw error;
  } finally {
    timer.stop();
    signal.removeEventListener('abort', stop);
  }
}

function tryTls(endpoint: Endpoint, { ca, cert, key, serverName }: TlsOptions): TLSSocket {
  // An address is no server name; the certificate is then compared with the address itself.
  const servername = serverName ?? (isIP(endpoint.host) === 0 ? endpoint.host : '');
  const own = { ...(ca === null ? {} : { ca }), ...(cert === null ? {} : { cert }), ...(key === null ? {} : { key }) };
  try {
    const socket = connectTls({ ...endpoint, ...own, servername, minVersion: 'TLSv1.2' });
    return socket.setNoDelay(true);
  } catch (cause) {
    // Thrown for texts that are no certificate or no key.
    throw notOpened(endpoint, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function notOpened(endpoint: Endpoint, why: string, cause?: unknown): OneupError {
  return new OneupError(
    faultCode(cause),
    `Cannot connect to ZooKeeper: ${why.trim()}, value was ${nameOf(endpoint)}`,
    cause === undefined ? {} : { cause },
  );
}

/** Certificates are refused while a socket opens or, by a server that speaks TLS 1.3, right after. */
export function faultCode(cause: unknown): 'ONEUP_STORE_DENIED' | 'ONEUP_STORE_UNREACHABLE' {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return ABOUT_CERTIFICATES.test(code) ? 'ONEUP_STORE_DENIED' : 'ONEUP_STORE_UNREACHABLE';
}
