// The TTLs that a provider can publish: what is configured, moved to the nearest that it takes; and that what rules and plans
// believe of a provider is what the provider says of itself.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BUILTIN_CAPABILITIES } from '../../../providers/builtin/capabilities.ts';
import { CLOUDFLARE_CAPABILITIES } from '../../../providers/cloudflare/capabilities.ts';
import { RFC2136_CAPABILITIES } from '../../../providers/rfc2136/capabilities.ts';
import { ROUTE53_CAPABILITIES } from '../../../providers/route53/capabilities.ts';
import { providerTraits } from '../../../src/plan/provider-traits.ts';
import { clampTtl } from '../../../src/plan/ttl-for-level.ts';
import type { ProviderCapabilities } from '../../../src/ports/dns-provider.ts';

const SAID: Readonly<Record<string, ProviderCapabilities>> = {
  builtin: BUILTIN_CAPABILITIES,
  rfc2136: RFC2136_CAPABILITIES,
  powerdns: RFC2136_CAPABILITIES,
  route53: ROUTE53_CAPABILITIES,
  cloudflare: CLOUDFLARE_CAPABILITIES,
};

describe('TTLs of a provider', () => {
  test('each level is moved into the range', () => {
    const ttl = { steadySeconds: 100_000, suspectSeconds: 5, settlingSeconds: 70 };
    assert.deepEqual(clampTtl(ttl, providerTraits('cloudflare')), {
      steadySeconds: 86_400,
      suspectSeconds: 60,
      settlingSeconds: 70,
    });
    assert.deepEqual(clampTtl(ttl, providerTraits('route53')), ttl);
  });

  for (const [kind, { ttlMinSeconds, ttlMaxSeconds, followsSuspicion }] of Object.entries(SAID))
    test(`what is planned for ${kind} is what it says of itself`, () => {
      assert.deepEqual(providerTraits(kind), { ttlMinSeconds, ttlMaxSeconds, followsSuspicion });
    });

  test('a kind that nobody knows is refused', () => {
    assert.throws(() => providerTraits('paper'), /Cannot plan for providers of kind paper/);
  });
});
