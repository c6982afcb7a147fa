// Asks a target outside the cluster whether this prober can see the world at all (S22). Any HTTP status is an answer; a
// certificate that is not valid is none, since a captive portal answers everything.
import type { Clock } from '../base/clock.ts';
import type { ReferenceTarget } from '../config/config.ts';
import type { CheckOutcome } from './check-outcome.ts';
import { httpCheck } from './http-check.ts';
import { tcpCheck } from './tcp-check.ts';

type Options = { readonly signal: AbortSignal; readonly clock: Clock };

const ANY_STATUS = [[100, 999]] as const;

/** Passes when the reference answered. Never rejects; safe to repeat. */
export function probeReference(target: ReferenceTarget, options: Options): Promise<CheckOutcome> {
  if (target.kind === 'tcp') return tcpCheck(target, options);
  const rest = { method: 'HEAD', headers: [], status: ANY_STATUS, bodyContains: null, verifyTls: true } as const;
  return httpCheck({ kind: 'http', url: target.url, ...rest }, options);
}
