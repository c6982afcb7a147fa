// When a configuration may not replace the one in force, and that the guards hold what was looked at (S7).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storeKeys } from '../../../src/base/store-keys.ts';
import { lookBeforeReload } from '../../../src/cli/look-before-reload.ts';
import type { Config } from '../../../src/config/config.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { testConfig } from '../../support/prober-world.ts';
import { put } from '../../support/store-calls.ts';

const keys = storeKeys('test');
const DOWN = JSON.stringify({ kind: 'down', version: 3, how: 'stopped', wallMs: 1, revision: 1 });
const MAYBE = JSON.stringify({ kind: 'maybe', version: 3, epoch: 1 });
const ADDRESS_B = ['address: 192.0.2.2', 'address: 192.0.2.77'] as const;
const NODE_B = ['      - { id: b, address: 192.0.2.2, priority: 2 }\n', ''] as const;

function open() {
  const clock = createFakeClock();
  const store = new MemoryStoreWorld().connect({ clock, bounds: { rho: 0.01, marginMs: 100 } });
  return {
    store,
    look: (next: Config, inForce = testConfig(), release: readonly string[] = []) =>
      lookBeforeReload({ store, keys }, { inForce, next, release }),
  };
}

test('a reload waits for a running operation, and an operation that begins meanwhile refuses the reload', async () => {
  const { store, look } = open();
  const free = await look(testConfig());
  assert.equal(free.kind, 'free');
  await put(store, keys.operation('web'), '{}');
  const write = { kind: 'put', key: keys.config, value: 'new' } as const;
  const late = await store.commit({ guards: free.kind === 'free' ? free.guards : [], writes: [write], token: 't' });
  assert.equal(late.kind, 'conflict');
  const busy = await look(testConfig());
  assert.equal(busy.kind === 'refused' && busy.rule, 'S7.operation-running');
});

test('a node that may run can neither be removed nor moved to another address', async () => {
  for (const change of [NODE_B, ADDRESS_B]) {
    const { store, look } = open();
    await put(store, keys.breadcrumb('web', 'b'), MAYBE);
    const refused = await look(testConfig(change));
    assert.equal(refused.kind === 'refused' && refused.rule, 'S7.node-may-run', change[1]);
    await put(store, keys.breadcrumb('web', 'b'), DOWN);
    const free = await look(testConfig(change));
    const gone = [{ kind: 'delete', key: keys.breadcrumb('web', 'b') }];
    assert.deepEqual(free.kind === 'free' && free.writes, gone, 'what comes back under its name is new');
    await put(store, keys.service('web'), JSON.stringify({ dns: { confirmed: { node: 'b' } } }));
    const published = await look(testConfig(change));
    assert.equal(published.kind === 'refused' && published.rule, 'S7.node-published');
  }
});

test('a grant between the look and the commit makes the commit fail', async () => {
  const { store, look } = open();
  await put(store, keys.breadcrumb('web', 'b'), DOWN);
  const free = await look(testConfig(NODE_B));
  assert.ok(free.kind === 'free');
  await put(store, keys.breadcrumb('web', 'b'), MAYBE);
  const write = { kind: 'put', key: keys.config, value: 'new' } as const;
  assert.equal((await store.commit({ guards: free.guards, writes: [write], token: 't' })).kind, 'conflict');
});

const RENAMED = ['name: web.ha', 'name: www.ha'] as const;

test('the managed name cannot change once it is published, not even by a write of unknown outcome (S26)', async () => {
  const { store, look } = open();
  assert.equal((await look(testConfig(RENAMED))).kind, 'free', 'nothing was ever published');
  const write = { node: 'a', level: 'steady', epoch: 1, seq: 1 };
  for (const dns of [
    { confirmed: write },
    { confirmed: { ...write, node: null } },
    { pending: write },
    { unconfirmed: [write] },
    { confirmed: null, pending: null, unconfirmed: [], seq: 4, wasPublished: true },
  ]) {
    await put(store, keys.service('web'), JSON.stringify({ dns }));
    const refused = await look(testConfig(RENAMED));
    assert.equal(refused.kind === 'refused' && refused.rule, 'S7.record-published', JSON.stringify(dns));
    assert.equal((await look(testConfig(['margin: 100ms', 'margin: 200ms']))).kind, 'free', 'something else changes');
  }
});

test('the DNS part of an operation holds what it rests on, and what begins meanwhile defeats the commit', async () => {
  const { store, look } = open();
  await put(store, keys.breadcrumb('web', 'b'), DOWN);
  await put(store, keys.tail('web'), '{}');
  for (const change of [RENAMED, NODE_B]) {
    const held = await look(testConfig(change));
    assert.equal(held.kind === 'refused' && held.rule, 'S7.operation-running', change[1]);
  }
  assert.equal((await look(testConfig(['margin: 100ms', 'margin: 200ms']))).kind, 'free', 'something else changes');
  const write = { kind: 'put', key: keys.config, value: 'new' } as const;
  for (const late of [keys.tail('web'), keys.service('web')]) {
    await store.commit({ guards: [], writes: [{ kind: 'delete', key: keys.tail('web') }], token: `free ${late}` });
    const free = await look(testConfig(RENAMED));
    assert.ok(free.kind === 'free');
    await put(store, late, '{}');
    assert.equal(
      (await store.commit({ guards: free.guards, writes: [write], token: `late ${late}` })).kind,
      'conflict',
    );
  }
});

test('of a service that may run twice, the node that is active or published cannot go, and any other can (S21)', async () => {
  const { store, look } = open();
  const [web] = testConfig().services;
  assert.ok(web !== undefined);
  const plain = { ...testConfig(), services: [{ ...web, exclusive: false }] };
  for (const change of [NODE_B, ADDRESS_B]) {
    const [after] = testConfig(change).services;
    assert.ok(after !== undefined);
    const next = { ...plain, services: [{ ...after, exclusive: false }] };
    await put(store, keys.breadcrumb('web', 'b'), MAYBE);
    await put(store, keys.service('web'), JSON.stringify({ active: 'b', dns: { confirmed: null } }));
    const active = await look(next, plain);
    assert.deepEqual(active.kind === 'refused' && [active.rule, /is active/.test(active.reason)], [
      'S7.node-may-run',
      true,
    ]);
    await put(store, keys.service('web'), JSON.stringify({ active: null, dns: { confirmed: { node: 'b' } } }));
    const published = await look(next, plain);
    assert.equal(published.kind === 'refused' && published.rule, 'S7.node-published');
    await put(store, keys.service('web'), JSON.stringify({ active: 'a', dns: { confirmed: { node: 'a' } } }));
    assert.equal((await look(next, plain)).kind, 'free', 'without any proof');
  }
});

test('a damaged record holds its own service only, and a damaged proof proves nothing', async () => {
  const { store, look } = open();
  await put(store, keys.breadcrumb('web', 'b'), DOWN);
  for (const damage of ['{"dns":', 'null', '7']) {
    await put(store, keys.service('web'), damage);
    const refused = await look(testConfig(NODE_B));
    assert.equal(refused.kind === 'refused' && refused.rule, 'S7.record-damaged', damage);
    assert.equal((await look(testConfig(['margin: 100ms', 'margin: 200ms']))).kind, 'free', 'something else changes');
  }
  await put(store, keys.service('web'), '{}');
  await put(store, keys.breadcrumb('web', 'b'), '{"kind":"down"');
  const doubtful = await look(testConfig(NODE_B));
  assert.equal(doubtful.kind === 'refused' && doubtful.rule, 'S7.node-may-run');
});

test('what a running cluster stands on cannot be reloaded', async () => {
  const { look } = open();
  const moved = await look(testConfig(['path: var/test.db', 'path: var/other.db']));
  assert.equal(moved.kind === 'refused' && moved.rule, 'S7.fixed');
});

test('a service that ran in several places becomes exclusive in maintenance only', async () => {
  const { store, look } = open();
  const [service, ...others] = testConfig().services;
  assert.ok(service !== undefined);
  const before = { ...testConfig(), services: [{ ...service, exclusive: false }, ...others] };
  const refused = await look(testConfig(), before);
  assert.equal(refused.kind === 'refused' && refused.rule, 'S7.becomes-exclusive');
  await put(store, keys.service(service.id), JSON.stringify({ maintenance: { reason: 'x' } }));
  assert.equal((await look(testConfig(), before)).kind, 'free');
});

test('a service that runs and is published leaves by name only, and a grant that comes between holds it', async () => {
  const { store, look } = open();
  const next = { ...testConfig(), services: [] };
  const record = {
    epoch: 4,
    step: 9,
    crumbVersion: 3,
    active: 'a',
    dns: { confirmed: { node: 'a' } },
    maintenance: {},
  };
  await put(store, keys.service('web'), JSON.stringify(record));
  await put(store, keys.breadcrumb('web', 'a'), MAYBE);
  await put(store, keys.grant('web'), '{}');
  await put(store, keys.lease('web', 'a'), '{}');
  const refused = await look(next);
  assert.match(refused.kind === 'refused' ? refused.remedy : '', /oneup reload --release web/);
  for (const [release, file] of [
    [['web'], testConfig()],
    [['web', 'db'], next],
  ] as const) {
    const wrong = await look(file, testConfig(), release);
    assert.equal(wrong.kind === 'refused' && wrong.rule, 'S7.not-leaving');
  }
  const free = await look(next, testConfig(), ['web']);
  assert.ok(free.kind === 'free');
  const left = {
    ...Object.fromEntries(free.writes.map((write) => [write.key, write.kind === 'put' ? write.value : null])),
  };
  assert.deepEqual([left[keys.grant('web')], left[keys.lease('web', 'a')]], [null, null]);
  for (const node of ['a', 'b']) assert.match(left[keys.breadcrumb('web', node)] ?? '', /"unknown","version":4/);
  const { epoch, active, awaitsOperator, dns } = JSON.parse(left[keys.service('web')] ?? '') as Record<string, unknown>;
  assert.deepEqual([epoch, active, awaitsOperator, dns], [4, null, true, record.dns]);
  await put(store, keys.grant('web'), '{"node":"b"}');
  const late = await store.commit({ guards: free.guards, writes: free.writes, token: 'late' });
  assert.equal(late.kind, 'conflict');
  await put(store, keys.operation('web'), '{}');
  const busy = await look(next, testConfig(), ['web']);
  assert.equal(busy.kind === 'refused' && busy.rule, 'S7.operation-running');
});

test('a service that comes back fits what is known of it, and none of its nodes joins without a proof', async () => {
  const { store, look } = open();
  const without = { ...testConfig(), services: [] };
  const fresh = await look(testConfig(), without);
  assert.deepEqual(fresh.kind === 'free' && fresh.writes, [], 'one that was never here brings nothing');
  await put(store, keys.service('web'), '{"epoch":4}');
  await put(store, keys.breadcrumb('web', 'a'), '{"kind":"unknown","version":5}');
  const back = await look(testConfig(), without);
  assert.ok(back.kind === 'free');
  assert.deepEqual(
    back.writes.map(({ key }) => key),
    [keys.breadcrumb('web', 'b')],
  );
  const other = '"oneup1 cluster=test service=web generation=1 epoch=4 seq=3"';
  const txt = JSON.stringify({ values: [other], ttlSeconds: 5, epoch: 4, seq: 3 });
  await put(store, keys.zoneRrset('ha.example.com.', '_oneup.old.ha.example.com.', 'TXT'), txt);
  const renamed = await look(testConfig(), without);
  assert.equal(renamed.kind === 'refused' && renamed.rule, 'S7.record-published');
  await put(store, keys.service('web'), '{"epoch":4,"members":{}}');
  const changed = await look(testConfig(), without);
  assert.equal(changed.kind === 'refused' && changed.rule, 'S7.mode-differs');
});

const FAR = 'providers: { far: { kind: route53, zone: example.com, hostedZoneId: Z1 } }\nservices:';
const [WITH_FAR, SECOND] = [
  ['services:', FAR],
  ['record: { name: ', 'record: { second: { provider: far }, name: '],
] as const;
const AT_FAR = JSON.stringify({
  dns: { confirmed: { node: 'a' } },
  seconds: { 'far example.com.': { dns: { confirmed: { node: 'b' }, pending: null, unconfirmed: [] } } },
});

test('a second provider comes at any time, and goes by an explicit word while it may answer', async () => {
  const [one, two] = [testConfig(WITH_FAR), testConfig(WITH_FAR, SECOND)];
  const { store, look } = open();
  assert.equal((await look(two, one)).kind, 'free', 'it is written from then on');
  assert.equal((await look(one, two)).kind, 'free', 'nothing was written there');
  await put(store, keys.service('web'), AT_FAR);
  const refused = await look(one, two);
  assert.equal(refused.kind === 'refused' && refused.rule, 'S7.record-published');
  assert.match(refused.kind === 'refused' ? refused.reason : '', /provider far may still answer/);
  const released = await look(one, two, ['web']);
  assert.equal(released.kind, 'free');
  assert.ok(released.kind === 'free' && released.writes.length === 0, 'what is known of it stays');
  // S4: `recover` believes nothing of what was written, and the provider answers as before.
  const unwritten = { confirmed: null, pending: null, unconfirmed: [], seq: 4, wasPublished: true };
  const recovered = { dns: unwritten, seconds: { 'far example.com.': { dns: unwritten, dnsProblem: null } } };
  await put(store, keys.service('web'), JSON.stringify(recovered));
  assert.equal((await look(one, two)).kind, 'refused', 'also after recover');
  assert.equal((await look(one, two, ['web'])).kind, 'free');
  const nothing = await look(two, two, ['web']);
  assert.equal(nothing.kind === 'refused' && nothing.rule, 'S7.not-leaving');
});

test('a node that the second provider still names is not removed', async () => {
  const { store, look } = open();
  await put(store, keys.breadcrumb('web', 'b'), DOWN);
  await put(store, keys.service('web'), AT_FAR);
  const refused = await look(testConfig(WITH_FAR, SECOND, NODE_B), testConfig(WITH_FAR, SECOND));
  assert.equal(refused.kind === 'refused' && refused.rule, 'S7.node-published');
});
