// Many services of one zone at somebody else's provider, on virtual time: how many calls their failovers make, how many at once,
// and what a provider that blocks the account for five minutes holds up: the name, and nothing else.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMemoryProvider } from '../../../providers/memory/index.ts';
import { MemoryZones } from '../../../providers/memory/memory-zones.ts';
import { OneupError } from '../../../src/base/oneup-error.ts';
import { storeKeys } from '../../../src/base/store-keys.ts';
import type { Config, ServiceConfig } from '../../../src/config/config.ts';
import type { ControllerPorts } from '../../../src/controller/controller-deps.ts';
import { readServiceStatus } from '../../../src/controller/read-model.ts';
import type { Alert } from '../../../src/failover/machine-effect.ts';
import { desiredRrsets } from '../../../src/plan/desired-rrsets.ts';
import type { ApplyResult } from '../../../src/ports/dns-provider.ts';
import { openSteadyCluster, type SteadyCluster } from '../../support/steady-cluster.ts';

const ZONE = 'example.org.';
const MINUTE_MS = 60_000;
/** All are on one host, which dies as a whole: that is no mass failure (S36). */
const ADDRESSES = {
  a: { address: '192.0.2.1', publishes: { kind: 'address', address: '192.0.2.1' } },
  b: { address: '192.0.2.2', publishes: { kind: 'address', address: '192.0.2.2' } },
} as const;
const DONE = {
  kind: 'done',
  reason: 'exit code 0',
  evidence: { exitCode: 0, signal: null, output: '', durationMs: 1 },
};

type Moving = {
  readonly cluster: SteadyCluster;
  readonly calls: string[];
  readonly alerts: Alert[];
  readonly state: {
    mostAtOnce: number;
    answerAfterMs: number;
    perSecond: number | null;
    apply: (() => ApplyResult) | null;
  };
  /** The address that the zone holds for a service. */
  readonly named: (service: string) => string | undefined;
  readonly fail: (service: string) => void;
};

async function openMoving(services: number): Promise<Moving> {
  const zones = new MemoryZones();
  const memory = createMemoryProvider({ name: 'out', zones });
  const calls: string[] = [];
  const alerts: Alert[] = [];
  const state: Moving['state'] = { mostAtOnce: 0, answerAfterMs: 50, perSecond: null, apply: null };
  const [dead, started] = [new Set<string>(), new Set<string>()];
  let atOnce = 0;
  let pass: (ms: number) => Promise<void> = async () => {};
  let bucket = { tokens: 5, atMs: 0 };
  const isThrottled = () => {
    if (state.perSecond === null) return false;
    const nowMs = now();
    bucket = {
      tokens: Math.min(state.perSecond, bucket.tokens + ((nowMs - bucket.atMs) / 1_000) * state.perSecond),
      atMs: nowMs,
    };
    if (bucket.tokens < 1) return true;
    bucket = { ...bucket, tokens: bucket.tokens - 1 };
    return false;
  };
  let now: () => number = () => 0;
  const taking = async <T>(what: string, answer: () => T | Promise<T>): Promise<T> => {
    calls.push(what);
    if (what === 'confirm') return answer();
    atOnce += 1;
    state.mostAtOnce = Math.max(state.mostAtOnce, atOnce);
    await pass(state.answerAfterMs);
    atOnce -= 1;
    if (isThrottled()) throw new OneupError('ONEUP_PROVIDER_THROTTLED', 'Rate exceeded');
    return answer();
  };
  const provider = {
    ...memory,
    list: (zone: string, options: Parameters<typeof memory.list>[1]) =>
      taking(`list ${options.names[0]}`, () => memory.list(zone, options)),
    confirm: (changeId: string, options: Parameters<typeof memory.confirm>[1]) =>
      taking('confirm', () => memory.confirm(changeId, options)),
    apply: (...args: Parameters<typeof memory.apply>) => {
      const name = (args[1][0]?.after ?? args[1][0]?.before)?.name ?? '';
      return taking(`apply ${name}`, () => (state.apply === null ? memory.apply(...args) : state.apply()));
    },
  };
  const act = async (action: string, { service, node }: { readonly service: string; readonly node: string }) => {
    if (action === 'start') started.add(`${service}/${node}`);
    if (action === 'stop') started.delete(`${service}/${node}`);
    return DONE;
  };
  const cluster = await openSteadyCluster({
    ...{ services, probers: 3, interval: '5s', adapt: (config) => atProvider(config, zones) },
    isUp: (node, service) => (node === 'a' ? !dead.has(service) : started.has(`${service}/${node}`)),
    ports: {
      provider: () => provider,
      driver: () => ({ act, precheck: async () => DONE, status: async () => Promise.reject(new Error('none')) }),
      alert: (_service: string, alert: Alert) => void alerts.push(alert),
      askNameServer: async () => ({ kind: 'silent', reason: 'nobody is asked' }),
      findNameServers: async () => ({ kind: 'unknown', reason: 'nobody is asked' }),
    } as unknown as Partial<ControllerPorts>,
  });
  pass = (ms) => cluster.sleep(ms);
  now = () => cluster.nowMs();
  const named = (service: string) =>
    zones.list(ZONE).find(({ name, type }) => name === `${service}.${ZONE}` && type === 'A')?.values[0];
  await cluster.pass(20_000);
  calls.length = 0;
  return { cluster, calls, alerts, state, named, fail: (service) => void dead.add(service) };
}

/** Every service has its name at the provider, as it was written when it became active. */
function atProvider(config: Config, zones: MemoryZones): Config {
  const services = config.services.map((service): ServiceConfig => {
    const nodes = service.nodes.map((node) => ({ ...node, ...ADDRESSES[node.id as 'a' | 'b'] }));
    const record = { ...service.record, name: `${service.id}.${ZONE}`, zone: ZONE, provider: 'out' };
    const ownership = { cluster: config.cluster.name, service: service.id, generation: 1, epoch: 1, seq: 1 };
    const ttlSeconds = record.ttl.steadySeconds;
    const rrsets = desiredRrsets({
      name: record.name,
      answers: [ADDRESSES.a.publishes],
      weights: null,
      ttlSeconds,
      ownership,
    });
    for (const rrset of rrsets) zones.edit(ZONE, rrset, rrset);
    return { ...service, nodes, record };
  });
  const out = {
    ...{ name: 'out', kind: 'route53', zones: [ZONE], timeoutMs: 5_000, servers: [], account: 'one', driftCron: null },
    ...{ hostedZoneId: 'Z1', region: null, endpoint: null, credentials: { kind: 'default' }, assumeRole: null },
    budget: { calls: 5, perMs: 1_000, reserve: 1 },
  } as const;
  return { ...config, services, providers: [...config.providers, out] } as Config;
}

describe('failovers at a provider that counts calls', () => {
  test('one failover makes five calls at most, its name moves, and steady state makes none', async () => {
    const { cluster, calls, named, fail } = await openMoving(3);
    await cluster.pass(5 * MINUTE_MS);
    assert.deepEqual(calls, [], 'nothing is asked without an occasion');
    fail('s1');
    await cluster.pass(2 * MINUTE_MS);
    assert.equal(named('s1'), '192.0.2.2');
    assert.ok(calls.length <= 5, calls.join(', '));
    assert.deepEqual([named('s0'), named('s2')], ['192.0.2.1', '192.0.2.1']);
    await cluster.end();
  });

  test('thirty failovers at once: all names move within seconds, few writes at once, five calls each', async () => {
    const { cluster, calls, state, named, fail } = await openMoving(30);
    for (let place = 0; place < 30; place += 1) fail(`s${place}`);
    await cluster.pass(30_000);
    for (let place = 0; place < 30; place += 1) assert.equal(named(`s${place}`), '192.0.2.2', `s${place}`);
    await cluster.pass(2 * MINUTE_MS);
    assert.ok(calls.length <= 5 * 30, `${calls.length} calls`);
    assert.ok(state.mostAtOnce <= 4, `${state.mostAtOnce} at once`);
    await cluster.end();
  });

  test('thirty failovers where five calls a second are allowed: hardly a call is wasted, and none is lost', async () => {
    const { cluster, calls, state, named, fail } = await openMoving(30);
    state.perSecond = 5;
    for (let place = 0; place < 30; place += 1) fail(`s${place}`);
    // Found down within 7 s; sixty calls take 12 s.
    await cluster.pass(25_000);
    for (let place = 0; place < 30; place += 1) assert.equal(named(`s${place}`), '192.0.2.2', `s${place}`);
    const writes = calls.filter((call) => call !== 'confirm');
    assert.ok(writes.length < 75, `${writes.length} calls`);
    await cluster.end();
  });

  test('a block of five minutes: the new active stays, the provider is left alone, the name moves when it is over', async () => {
    const { cluster, calls, alerts, state, named, fail } = await openMoving(2);
    const { config, view } = cluster;
    const deps = { config, view, keys: storeKeys(config.cluster.name) };
    const statusOf = (place: number) => readServiceStatus(deps, config.services[place] as ServiceConfig);
    state.apply = () => ({
      ...{ kind: 'failed', code: 'ONEUP_PROVIDER_THROTTLED', applied: 'none', retryable: true },
      ...{ retryAfterMs: 5 * MINUTE_MS, reason: 'slow down' },
    });
    fail('s0');
    await cluster.pass(MINUTE_MS);
    assert.equal(statusOf(0).active, 'b');
    assert.equal(statusOf(0).tail?.phase, 'CUTOVER', 'the next operation is not held (S10)');
    assert.equal(statusOf(0).dnsProblem?.rule, 'dns.write-failed');
    assert.ok(alerts.some(({ refusal }) => /ONEUP_PROVIDER_THROTTLED/.test(refusal?.reason ?? '')));
    const beforeTheSecond = calls.length;
    fail('s1');
    await cluster.pass(MINUTE_MS);
    assert.equal(statusOf(1).active, 'b', 'another service fails over all the same');
    assert.equal(calls.length, beforeTheSecond, 'and does not ask who wants to be left alone');
    state.apply = null;
    await cluster.pass(5 * MINUTE_MS);
    assert.deepEqual([named('s0'), named('s1')], ['192.0.2.2', '192.0.2.2']);
    await cluster.pass(2 * MINUTE_MS);
    assert.deepEqual([statusOf(0).tail, statusOf(0).dnsProblem], [null, null]);
    await cluster.end();
  });

  test('a provider that is away for twenty minutes is asked seldom, and the name moves when it is back', async () => {
    const { cluster, calls, state, named, fail } = await openMoving(1);
    state.apply = () => ({
      ...{ kind: 'failed', code: 'ONEUP_PROVIDER_UNREACHABLE', applied: 'none', retryable: true },
      ...{ retryAfterMs: null, reason: 'no answer' },
    });
    fail('s0');
    await cluster.pass(20 * MINUTE_MS);
    assert.ok(calls.length > 20 && calls.length < 100, `${calls.length} calls`);
    state.apply = null;
    await cluster.pass(2 * MINUTE_MS);
    assert.equal(named('s0'), '192.0.2.2');
    await cluster.end();
  });
});
