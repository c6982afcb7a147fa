// Cloudflare as the suite of providers needs it: two zones of the double, and clients that differ by their token, so that the
// fate of a write meets one of them.
import { randomUUID } from 'node:crypto';
import { createCloudflareProvider } from '../../providers/cloudflare/index.ts';
import { Secret } from '../../src/base/secret.ts';
import type { ProviderWorld } from '../conformance/provider.ts';
import { OTHER_ZONE, ZONE } from '../conformance/provider-samples.ts';
import { type CloudflareDouble, startCloudflareDouble } from '../doubles/cloudflare/start-cloudflare-double.ts';

export const ZONE_ID = 'a'.repeat(32);
const OTHER_ZONE_ID = 'b'.repeat(32);
/** A port on which nobody listens. */
const CLOSED = 'http://127.0.0.1:1/client/v4';
/** Longer than any answer of a double, on a busy machine. */
const TIMEOUT_MS = 10_000;

export type CloudflareWorld = ProviderWorld & { readonly double: CloudflareDouble };

export async function makeCloudflareProviderWorld(): Promise<CloudflareWorld> {
  const double = await startCloudflareDouble({
    zones: [
      { id: ZONE_ID, name: 'example.com' },
      { id: OTHER_ZONE_ID, name: 'example.net' },
    ],
  });
  return {
    double,
    connect: (fate = 'answered') => {
      const token = `${randomUUID()}cf00`;
      double.grant(token);
      if (fate === 'writtenUnanswered') double.fail({ kind: 'dropAfterApply', on: 'batch', token });
      if (fate === 'droppedUnanswered') double.fail({ kind: 'drop', on: 'batch', token });
      return createCloudflareProvider({
        name: 'cloudflare',
        zoneIds: { [ZONE]: ZONE_ID, [OTHER_ZONE]: OTHER_ZONE_ID },
        apiToken: new Secret(token),
        timeoutMs: TIMEOUT_MS,
        endpoint: fate === 'unreachable' ? CLOSED : double.baseUrl,
      });
    },
    [Symbol.asyncDispose]: () => double[Symbol.asyncDispose](),
  };
}
