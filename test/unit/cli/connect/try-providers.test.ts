// check-config --connect at outside providers: what it writes, that nothing of it stays, and what it says of each failure.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applyFailure } from '../../../../providers/apply-failure.ts';
import { createMemoryProvider } from '../../../../providers/memory/index.ts';
import { MemoryZones } from '../../../../providers/memory/memory-zones.ts';
import type { Finding } from '../../../../src/cli/connect/finding.ts';
import { providerJobs } from '../../../../src/cli/connect/try-providers.ts';
import type { Rrset } from '../../../../src/dns/rrset.ts';
import type { DnsProvider } from '../../../../src/ports/dns-provider.ts';
import { acceptedConfig, configText } from '../../../support/config-text.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';

const ZONE = 'example.com.';
const PROVIDERS = 'providers: { far: { kind: route53, zone: example.com, hostedZoneId: Z1 } }\nservices:';
const CONFIG = acceptedConfig(
  configText(['services:', PROVIDERS], ['name: web.ha.example.com.', 'name: web.example.com., provider: far']),
);
const TXT: Rrset = {
  ...{ name: '_oneup.web.example.com.', type: 'TXT', ttlSeconds: 60 },
  values: ['"oneup1 cluster=test service=web generation=1 epoch=2 seq=3"'],
};
const ADDRESS: Rrset = { name: 'web.example.com.', type: 'A', ttlSeconds: 60, values: ['192.0.2.21'] };

async function look(held: readonly Rrset[], wrap: (memory: DnsProvider) => Partial<DnsProvider> = () => ({})) {
  const zones = new MemoryZones();
  for (const rrset of held) zones.edit(ZONE, rrset, rrset);
  const written: string[] = [];
  const memory = createMemoryProvider({ name: 'far', zones });
  const noted: DnsProvider = {
    ...memory,
    apply: (zone, changes, options) => {
      written.push(
        ...changes.map(({ before, after }) => `${(after ?? before)?.name} ${after === null ? 'gone' : 'there'}`),
      );
      return memory.apply(zone, changes, options);
    },
  };
  const provider = { ...noted, ...wrap(noted) };
  const jobs = providerJobs(CONFIG, { clock: createFakeClock(), providers: () => provider });
  const [finding] = (await Promise.all(jobs.map((job) => job.run(new AbortController().signal)))).flat();
  return { finding: finding as Finding, written, left: zones.list(ZONE) };
}

describe('providerJobs', () => {
  test('an ownership TXT is written as it is', async () => {
    const { finding, written, left } = await look([TXT, ADDRESS]);
    assert.deepEqual([finding.area, finding.subject, finding.outcome], ['provider', 'far, web.example.com.', 'ok']);
    assert.deepEqual(written, ['_oneup.web.example.com. there']);
    assert.deepEqual(left, [TXT, ADDRESS]);
  });

  test('beside a name that is not there yet a TXT is made and removed', async () => {
    const { finding, written, left } = await look([]);
    assert.equal(finding.outcome, 'ok');
    const name = '_oneup-check.web.example.com.';
    assert.deepEqual(written, [`${name} there`, `${name} gone`]);
    assert.deepEqual(left, []);
  });

  test('a name of another cluster is named and not touched (S28)', async () => {
    const foreign = { ...TXT, values: ['"oneup1 cluster=other service=web generation=1 epoch=2 seq=3"'] };
    const { finding, written } = await look([foreign]);
    assert.deepEqual([finding.outcome, written], ['wrong', []]);
    assert.match(finding.says, /belongs to somebody else/);
  });

  test('a record without our TXT is named, with the way to take it over', async () => {
    const { finding, left } = await look([ADDRESS]);
    assert.equal(finding.outcome, 'expected');
    assert.match(finding.says, /oneup adopt web --record/);
    assert.deepEqual(left, [ADDRESS]);
  });

  test('what an earlier try has left is removed', async () => {
    const stale: Rrset = { ...TXT, name: '_oneup-check.web.example.com.', values: ['"x"'] };
    assert.deepEqual((await look([stale])).left, []);
  });

  test('a missing permission is told with its code and remedy', async () => {
    const denied = applyFailure('ONEUP_PROVIDER_DENIED', 'AccessDenied', { retryable: false });
    const { finding } = await look([TXT], () => ({ apply: async () => denied }));
    assert.equal(finding.outcome, 'wrong');
    assert.match(finding.says, /AccessDenied \(ONEUP_PROVIDER_DENIED\)\. Compare the credentials with the policy/);
  });

  test('a provider that cannot be read is wrong, and nothing is written', async () => {
    const { finding, written } = await look([TXT], (memory) => ({
      ...memory,
      list: () => Promise.reject(new Error('no route')),
    }));
    assert.deepEqual([finding.outcome, finding.says, written], ['wrong', 'no route', []]);
  });

  test('others who try at the same moment are no fault', async () => {
    const conflict = { kind: 'conflict', current: [], reason: 'it exists' } as const;
    const { finding } = await look([], () => ({ apply: async () => conflict }));
    assert.equal(finding.outcome, 'expected');
  });
});
