// Passes when a TCP connection opens before the deadline; sends nothing and closes at once.
import type { TcpTarget } from '../config/check-target.ts';
import type { CheckOutcome } from './check-outcome.ts';
import { type ConverseOptions, converse } from './converse.ts';

/** Never rejects; safe to repeat. */
export function tcpCheck({ host, port, proxy = null }: TcpTarget, options: ConverseOptions): Promise<CheckOutcome> {
  const party = { host, port, what: `connect to ${host}:${port}`, tls: null, proxy, endsConnected: true };
  return converse(party, options, async ({ remoteAddress, remotePort }) =>
    proxy === null
      ? `connected to ${remoteAddress}:${remotePort}`
      : `connected to ${host}:${port} by ${proxy.kind} proxy`,
  );
}
