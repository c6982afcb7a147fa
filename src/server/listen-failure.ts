// Says why a socket could not be opened, in words that lead to the remedy.
import type { ErrorCode } from '../base/error-catalogue.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { Endpoint } from '../config/config.ts';

/** The error to throw for a failed bind or listen on `endpoint`. */
export function listenFailure(cause: unknown, endpoint: Endpoint, transport: 'udp' | 'tcp'): OneupError {
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  const code: ErrorCode = reason === 'EADDRINUSE' ? 'ONEUP_PORT_IN_USE' : 'ONEUP_LISTEN_FAILED';
  const text = reason === 'EADDRINUSE' ? 'another socket has this address' : reason;
  return new OneupError(code, `Cannot listen on ${transport} ${formatEndpoint(endpoint)}: ${text}`, { cause });
}

/** `192.0.2.1:53` or `[2001:db8::1]:53`. */
function formatEndpoint({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
