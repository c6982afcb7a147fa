// A service that is forgotten leaves its record at an outside provider, and takes its ownership TXT away (S26).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMemoryProvider, type MemoryProviderFaults } from '../../../providers/memory/index.ts';
import { MemoryZones } from '../../../providers/memory/memory-zones.ts';
import type { ApiSource } from '../../../src/api/api-source.ts';
import { forgetService } from '../../../src/api/forget-service.ts';
import { ok } from '../../../src/base/result.ts';
import { storeKeys } from '../../../src/base/store-keys.ts';
import { takeBack } from '../../../src/cli/take-back-service.ts';
import type { ServiceConfig } from '../../../src/config/config.ts';
import type { Rrset } from '../../../src/dns/rrset.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { recoverCluster } from '../../../src/store/recover-cluster.ts';
import { acceptedConfig, configText } from '../../support/config-text.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { mustGet, put } from '../../support/store-calls.ts';

const ZONE = 'example.com.';
const ADDRESS: Rrset = { name: 'old.example.com.', type: 'A', ttlSeconds: 60, values: ['192.0.2.1'] };
const CONFIG = acceptedConfig(
  configText(['services:', 'providers: { far: { kind: route53, zone: example.com, hostedZoneId: Z1 } }\nservices:']),
);

function txt(service: string): Rrset {
  const text = `"oneup1 cluster=test service=${service} generation=1 epoch=2 seq=3"`;
  return { name: '_oneup.old.example.com.', type: 'TXT', ttlSeconds: 60, values: [text] };
}

const SERVICE = {
  ...{ id: 'old', mode: 'active-passive', exclusive: true, nodes: [{ id: 'a', address: '192.0.2.1' }] },
  record: { name: ADDRESS.name, zone: ZONE, provider: 'far' },
} as unknown as ServiceConfig;

async function world(owner: string, faults: Partial<MemoryProviderFaults> = {}) {
  const clock = createFakeClock();
  const store = new MemoryStoreWorld().connect({ clock, bounds: { rho: 0.01, marginMs: 100 } });
  const keys = storeKeys('test');
  const zones = new MemoryZones();
  for (const rrset of [ADDRESS, txt(owner)]) zones.edit(ZONE, rrset, rrset);
  const provider = createMemoryProvider({ name: 'far', zones, faults });
  const source = {
    ...{ config: CONFIG, keys, store, clock, generation: 1, provider: () => provider },
    uniqueId: () => crypto.randomUUID(),
    loadText: () => ok(CONFIG),
  } as unknown as ApiSource;
  await put(store, keys.config, 'cluster: {}');
  const releasedRecord = { name: ADDRESS.name, zone: ZONE, provider: 'far' };
  const dns = { confirmed: { node: 'a', level: 'steady', epoch: 2, seq: 3 }, pending: null, unconfirmed: [], seq: 3 };
  const [releasedAt, numbers] = [{ a: '192.0.2.1' }, { epoch: 2, step: 1, crumbVersion: 1 }];
  await put(store, keys.service('old'), JSON.stringify({ ...numbers, dns, releasedAt, releasedRecord }));
  return {
    source,
    /** Does this before a write reaches the provider. */
    beforeWrite: (act: () => Promise<void>) => {
      const apply: typeof provider.apply = async (...call) => act().then(() => provider.apply(...call));
      return { ...source, provider: () => ({ ...provider, apply }) };
    },
    beforeList: (act: () => Promise<void>) => {
      const list: typeof provider.list = async (...call) => act().then(() => provider.list(...call));
      return { ...source, provider: () => ({ ...provider, list }) };
    },
    takeBack: (change: Partial<ServiceConfig['record']> = {}) =>
      takeBack(source, { ...SERVICE, record: { ...SERVICE.record, ...change } }, 'test'),
    recover: async () => {
      const meta = { cluster: 'test', generation: { number: 1, id: 'one' }, schema: 1 };
      await put(store, keys.meta, JSON.stringify(meta));
      await put(store, keys.term, JSON.stringify({ term: 1, holder: 'p1', state: 'held', ttlMs: 1 }));
      const seen = { highestGeneration: 1, highestTerm: 1, epochs: new Map([['old', 2]]) };
      await recoverCluster(store, { cluster: 'test', services: [], ...seen });
    },
    types: () => zones.list(ZONE).map(({ type }) => type),
    forgotten: async () => (await store.get(keys.service('old')))?.value.includes('forgotten'),
  };
}

describe('forget at an outside provider', () => {
  test('the ownership TXT goes and the address stays; a repeat finds nothing to do', async () => {
    const { source, types } = await world('old');
    const { body } = await forgetService(source, { service: 'old' });
    const disowned = { name: 'old.example.com.', provider: 'far' };
    assert.deepEqual(body, { service: 'old', records: 1, names: [], disowned });
    assert.deepEqual(types(), ['A']);
    assert.deepEqual((await forgetService(source, { service: 'old' })).body, { service: 'old', records: 0, names: [] });
  });

  test('after recover the name is still held, and forget still takes the TXT away (S4, S26)', async () => {
    const { recover, takeBack: comeBack, source, types } = await world('old');
    // Twice: a store that was restored again.
    for (let times = 0; times < 2; times += 1) await recover();
    const elsewhere = await comeBack({ name: 'new.example.com.' });
    assert.ok(elsewhere.kind === 'refused' && elsewhere.rule === 'S7.record-published', JSON.stringify(elsewhere));
    assert.equal((await comeBack()).kind, 'free', 'as it was it comes back');
    const { body } = await forgetService(source, { service: 'old' });
    assert.partialDeepStrictEqual(body, { disowned: { name: 'old.example.com.', provider: 'far' } });
    assert.deepEqual(types(), ['A']);
  });

  test('the TXT of another service stays', async () => {
    const { source, types } = await world('other');
    await forgetService(source, { service: 'old' });
    assert.deepEqual(types(), ['A', 'TXT']);
  });

  test('a provider that does not answer keeps the service from being forgotten', async () => {
    const { source, types, forgotten } = await world('old', { isReachable: () => false });
    await assert.rejects(forgetService(source, { service: 'old' }), { code: 'ONEUP_PROVIDER_UNREACHABLE' });
    assert.deepEqual([types(), await forgotten()], [['A', 'TXT'], false]);
    await forgetService(source, { service: 'old', recordRemoved: true });
    assert.equal(await forgotten(), true, 'a person says that it was removed there');
  });

  test('a write whose answer is lost is settled by the next try', async () => {
    let fate: 'writtenUnanswered' | 'answered' = 'writtenUnanswered';
    const { source, types, forgotten } = await world('old', { fateOfWrite: () => fate });
    await assert.rejects(forgetService(source, { service: 'old' }), { code: 'ONEUP_PROVIDER_UNANSWERED' });
    assert.equal(await forgotten(), false);
    fate = 'answered';
    await forgetService(source, { service: 'old' });
    assert.deepEqual([types(), await forgotten()], [['A'], true]);
  });

  test('from the removal on the service comes back only after it was forgotten, also where the answer is lost (S7)', async () => {
    const { source, beforeWrite, takeBack } = await world('old', { fateOfWrite: () => 'droppedUnanswered' });
    assert.equal((await takeBack()).kind, 'free');
    const refusals: string[] = [];
    const look = async () => {
      const looked = await takeBack();
      refusals.push(looked.kind === 'refused' ? `${looked.rule}: ${looked.remedy}` : looked.kind);
    };
    await assert.rejects(forgetService(beforeWrite(look), { service: 'old' }), { code: 'ONEUP_PROVIDER_UNANSWERED' });
    await look();
    const refusal = 'S7.record-published: Let it come to its end first: oneup forget old';
    assert.deepEqual(refusals, [refusal, refusal]);
    await forgetService(source, { service: 'old', recordRemoved: true });
    assert.equal((await takeBack()).kind, 'free');
  });

  test('a service that comes back while the provider is still being read keeps its TXT', async () => {
    for (const changed of ['config', 'service'] as const) {
      const { source, beforeList, types } = await world('old');
      const { store, keys } = source;
      const key = changed === 'config' ? keys.config : keys.service('old');
      const comesBack = async () => void (await put(store, key, (await mustGet(store, key)).value));
      await assert.rejects(forgetService(beforeList(comesBack), { service: 'old' }), { code: 'ONEUP_STORE_LOST' });
      assert.deepEqual(types(), ['A', 'TXT']);
    }
  });
});

describe('forget at two providers', () => {
  async function openBoth(isSecondReachable: boolean) {
    const opened = await world('old');
    const { source } = opened;
    const { store, keys } = source;
    const zones = new MemoryZones();
    for (const rrset of [ADDRESS, txt('old')]) zones.edit(ZONE, rrset, rrset);
    const more = createMemoryProvider({ name: 'more', zones, faults: { isReachable: () => isSecondReachable } });
    const config = acceptedConfig(
      configText([
        'services:',
        'providers:\n  far: { kind: route53, zone: example.com, hostedZoneId: Z1 }\n  more: { kind: route53, zone: example.com, hostedZoneId: Z2 }\nservices:',
      ]),
    );
    const record = JSON.parse((await mustGet(store, keys.service('old'))).value);
    record.releasedRecord.second = { provider: 'more', zone: ZONE };
    record.seconds = { [`more ${ZONE}`]: { dns: { ...record.dns, seq: 44 }, dnsProblem: null } };
    await put(store, keys.service('old'), JSON.stringify(record));
    const provider = (name: string) => (name === 'more' ? more : source.provider(name));
    const both = { ...source, config, provider, loadText: () => ok(config) } as unknown as ApiSource;
    return { ...opened, both, typesAtSecond: () => zones.list(ZONE).map(({ type }) => type) };
  }

  test('the TXT goes at both, and a new service of the name begins above both', async () => {
    const { both, types, typesAtSecond } = await openBoth(true);
    const { body } = await forgetService(both, { service: 'old' });
    assert.deepEqual((body as { disowned: unknown }).disowned, { name: 'old.example.com.', provider: 'far and more' });
    assert.deepEqual([types(), typesAtSecond()], [['A'], ['A']]);
    const left = JSON.parse((await mustGet(both.store, both.keys.service('old'))).value);
    assert.equal(left.dns.seq, 44);
  });

  test('one that cannot be asked leaves everything as it is', async () => {
    const { both, types, forgotten } = await openBoth(false);
    await assert.rejects(forgetService(both, { service: 'old' }), { code: 'ONEUP_PROVIDER_UNREACHABLE' });
    assert.deepEqual([types(), await forgotten()], [['A', 'TXT'], false]);
  });

  test('it comes back only where it was', async () => {
    const { both } = await openBoth(true);
    const looked = await takeBack(both, { ...SERVICE, record: { ...SERVICE.record, second: null } }, 'test');
    assert.match(looked.kind === 'refused' ? looked.reason : '', /second provider more may still answer/);
    const second = { provider: 'more', zone: ZONE };
    assert.equal((await takeBack(both, { ...SERVICE, record: { ...SERVICE.record, second } }, 'test')).kind, 'free');
  });
});
