// Passes when a TLS handshake succeeds with a certificate that is good for long enough. Sends nothing more.
import type { TLSSocket } from 'node:tls';
import type { TlsTarget } from '../config/check-target.ts';
import { CheckFault } from './check-fault.ts';
import type { CheckOutcome } from './check-outcome.ts';
import { type ConverseOptions, converse } from './converse.ts';

const DAY_MS = 86_400_000;

/** Never rejects; safe to repeat. */
export function tlsCheck(target: TlsTarget, options: ConverseOptions): Promise<CheckOutcome> {
  const { host, port, tls, proxy } = target;
  const party = { host, port, what: `shake hands with ${host}:${port}`, tls, proxy, endsConnected: true };
  return converse(party, options, async (socket) => {
    const secure = socket as TLSSocket;
    const days = daysToExpiry(secure.getPeerCertificate().valid_to, options.clock.wallMs());
    const protocol = secure.getProtocol() ?? 'TLS';
    if (target.minDaysToExpiry === null) return days === null ? protocol : `${protocol}, ${days} days to expiry`;
    if (days === null) throw new CheckFault('fail', 'the certificate does not say when it expires', { phase: 'tls' });
    if (days >= target.minDaysToExpiry) return `${protocol}, ${days} days to expiry`;
    const message = `the certificate expires in ${days} days, expected at least ${target.minDaysToExpiry}`;
    throw new CheckFault('fail', message, { phase: 'tls' });
  });
}

/** Whole days until `validTo` as Node prints it (`Nov 22 10:00:00 2026 GMT`); negative when past, null when unreadable. */
export function daysToExpiry(validTo: string | undefined, nowWallMs: number): number | null {
  const untilMs = Date.parse(validTo ?? '');
  return Number.isNaN(untilMs) ? null : Math.floor((untilMs - nowWallMs) / DAY_MS);
}
