// PROPAGATE for a zone that others serve: who is asked, how long, who is named, and until when the old answer may live.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Endpoint } from '../../../src/config/config.ts';
import { askPropagation } from '../../../src/controller/ask-propagation.ts';
import type { AskNameServer, ControllerPorts } from '../../../src/controller/controller-deps.ts';
import { answerText } from '../../../src/controller/last-writes.ts';
import { SweepSlots } from '../../../src/controller/sweep-slots.ts';
import type { Answer } from '../../../src/failover/machine-event.ts';
import { activeState } from '../failover/machine-fixture.ts';
import { createBench, holdTerm } from './controller-bench.ts';

const CONFIRMED = { node: 'a', level: 'steady', epoch: 1, seq: 3 } as const;
const NS1 = { host: '127.0.0.1', port: 5301 };
const NS2 = { host: '127.0.0.1', port: 5302 };
const RESOLVER = { host: '127.0.0.1', port: 5400 };
const OLD_ADDRESS = '198.51.100.99';
const OLD_TTL_SECONDS = 20;

type Options = {
  readonly servers?: readonly Endpoint[];
  readonly resolvers?: readonly Endpoint[];
  /** What a server or resolver answers `ms` after the first question. */
  readonly answers?: (port: number, ms: number, asked: Parameters<AskNameServer>[0]) => string | null;
  readonly resolverTtl?: (ms: number) => number;
  readonly find?: ControllerPorts['findNameServers'];
  readonly confirm?: () => Promise<'pending' | 'insync'>;
  readonly isRemembered?: boolean;
  /** In the record of the service. */
  readonly changeId?: string;
};

type Propagation = Extract<Answer, { kind: 'propagation' }>;

async function ask(options: Options) {
  const bench = await createBench();
  const { tenure } = await holdTerm(bench);
  const { clock } = bench;
  const beganMs = clock.monotonicMs();
  const asked: string[] = [];
  const address = bench.config.services[0]?.nodes[0]?.address ?? '';
  const askNameServer: AskNameServer = async (question) => {
    const { server, type, transport = 'udp', isRecursive = false } = question;
    const ms = clock.monotonicMs() - beganMs;
    asked.push(`${server.port} ${type} ${transport}${isRecursive ? ' recursive' : ''}`);
    if (type === 'SOA') return { kind: 'answer', values: ['7'], ttlSeconds: 60 };
    const value = options.answers?.(server.port, ms, question) ?? null;
    if (value === null) return { kind: 'silent', reason: 'no answer' };
    const ttlSeconds = isRecursive ? (options.resolverTtl?.(ms) ?? 5) : 5;
    return { kind: 'answer', values: [value === 'new' ? address : OLD_ADDRESS], ttlSeconds };
  };
  let confirms = 0;
  const confirm = (changeId: string) => {
    assert.equal(changeId, options.changeId ?? 'c1');
    confirms += 1;
    return options.confirm?.() ?? Promise.resolve('insync' as const);
  };
  const elsewhere = { name: 'builtin', kind: 'rfc2136', servers: options.servers ?? [NS1, NS2] };
  const { config } = bench;
  const world = {
    ...config,
    providers: [elsewhere] as unknown as typeof config.providers,
    dns: { ...config.dns, resolvers: options.resolvers ?? [], patienceMs: 10_000 },
  };
  const ports = {
    ...bench.deps.ports,
    askNameServer,
    ...(options.find === undefined ? {} : { findNameServers: options.find }),
    provider: () => ({ confirm }) as unknown as ReturnType<ControllerPorts['provider']>,
  };
  const write = {
    answer: answerText(CONFIRMED),
    changeId: 'c1',
    sinceMonoMs: beganMs,
    oldTtlSeconds: OLD_TTL_SECONDS,
  };
  const performer = {
    deps: { ...bench.deps, config: world, ports },
    tenure,
    sweeps: new SweepSlots(),
    writes: new Map(options.isRemembered === false ? [] : [['web', write]]),
    report: () => undefined,
  };
  const state = activeState({
    service: {
      dns: {
        ...{ confirmed: CONFIRMED, pending: null, unconfirmed: [], seq: 3 },
        ...(options.changeId === undefined ? {} : { changeId: options.changeId }),
      },
    },
  });
  const service = config.services[0]?.id ?? '';
  let answer: Propagation | null = null;
  const asking = askPropagation(performer, { ...state, rules: { ...state.rules, id: service } });
  void asking.then((ended) => {
    answer = ended;
  });
  for (let step = 0; step < 400 && answer === null; step += 1) await clock.advance(500);
  const ended = await asking;
  assert.ok(ended.report !== undefined);
  return { ...ended, report: ended.report, asked, confirms, beganMs };
}

describe('propagation in a zone that others serve', () => {
  test('each server is asked by UDP and TCP and for its serial, and the old TTL counts from the last that followed', async () => {
    const { laggards, horizonMonoMs, report, asked, beganMs } = await ask({
      answers: (port, ms) => (port === NS2.port && ms < 2_000 ? 'old' : 'new'),
    });
    assert.deepEqual(laggards, []);
    assert.deepEqual(
      report.servers.map(({ at, udp, tcp, serial }) => [at, udp.kind, tcp.kind, serial]),
      [
        ['127.0.0.1:5301', 'new', 'new', 7],
        ['127.0.0.1:5302', 'new', 'new', 7],
      ],
    );
    const [first, second] = report.servers.map(({ newAfterMs }) => newAfterMs ?? -1);
    assert.equal(first, 0);
    assert.ok((second ?? 0) >= 2_000);
    assert.ok((horizonMonoMs ?? 0) >= beganMs + 2_000 + OLD_TTL_SECONDS * 1_000);
    assert.deepEqual(asked.slice(0, 3), ['5301 A udp', '5301 A tcp', '5301 SOA udp']);
    assert.equal(report.provider, 'insync');
  });

  test('who does not follow is named by its address, and then nobody knows until when the old answer lives', async () => {
    const { laggards, horizonMonoMs, report } = await ask({
      answers: (port) => (port === NS2.port ? 'old' : 'new'),
    });
    assert.deepEqual(laggards, ['127.0.0.1:5302']);
    assert.equal(horizonMonoMs, null);
    assert.deepEqual(report.laggards, laggards);
  });

  test('a server that is new by UDP and old by TCP still gives the old answer to somebody', async () => {
    const { laggards } = await ask({
      answers: (port, _ms, { transport }) => (port === NS2.port && transport === 'tcp' ? 'old' : 'new'),
    });
    assert.deepEqual(laggards, ['127.0.0.1:5302']);
  });

  test('a provider that still spreads the change is a laggard, asked three times and no more', async () => {
    const { laggards, horizonMonoMs, confirms } = await ask({
      answers: () => 'new',
      confirm: async () => 'pending',
    });
    assert.deepEqual([laggards, horizonMonoMs], [['provider builtin, which still spreads the change'], null]);
    assert.equal(confirms, 3);
  });

  test('a provider that cannot be asked proves nothing and holds nothing up', async () => {
    const { laggards, report } = await ask({
      answers: () => 'new',
      confirm: () => Promise.reject(new Error('503')),
    });
    assert.deepEqual([laggards, report.provider], [[], 'unknown']);
  });

  test('nor does one that hangs', async () => {
    const confirm = () => new Promise<never>(() => undefined);
    const { laggards, report } = await ask({ answers: () => 'new', confirm });
    assert.deepEqual([laggards, report.provider], [[], 'unknown']);
  });

  test('a successor, which does not remember the write, asks the servers and takes the longest TTL', async () => {
    const { laggards, horizonMonoMs, confirms, report, beganMs } = await ask({
      answers: () => 'new',
      isRemembered: false,
    });
    assert.deepEqual([laggards, confirms, report.provider], [[], 0, null]);
    assert.ok((horizonMonoMs ?? 0) >= beganMs + 4_000, 'the long TTL is 4 s');
  });

  test('a successor asks the provider for the change that the record names, and takes the longest TTL', async () => {
    const { report, confirms, laggards } = await ask({
      ...{ isRemembered: false, changeId: 'of its predecessor' },
      answers: () => 'new',
      confirm: async () => 'pending',
    });
    assert.deepEqual([report.provider, confirms], ['pending', 3]);
    assert.deepEqual(laggards, ['provider builtin, which still spreads the change']);
  });

  test('a resolver that holds the old answer is asked again when that must have expired', async () => {
    const { laggards, report, asked } = await ask({
      resolvers: [RESOLVER],
      answers: (port, ms) => (port === RESOLVER.port && ms < 8_000 ? 'old' : 'new'),
      resolverTtl: (ms) => Math.max(0, Math.round(8 - ms / 1_000)),
    });
    assert.deepEqual(laggards, []);
    assert.equal(report.resolvers[0]?.look.kind, 'new');
    assert.ok((report.resolvers[0]?.newAfterMs ?? 0) >= 8_000);
    assert.equal(asked.filter((text) => text === '5400 A udp recursive').length, 2);
  });

  test('a resolver that goes on with an answer that has expired is named', async () => {
    const { laggards, horizonMonoMs } = await ask({
      resolvers: [RESOLVER],
      answers: (port) => (port === RESOLVER.port ? 'old' : 'new'),
      resolverTtl: () => 0,
    });
    assert.deepEqual(laggards, ['resolver 127.0.0.1:5400']);
    assert.notEqual(horizonMonoMs, null, 'of all who keep to the TTL it is known');
  });

  test('a resolver with a long rest is told with it and moves the horizon', async () => {
    const { laggards, horizonMonoMs, report, beganMs } = await ask({
      resolvers: [RESOLVER],
      answers: (port) => (port === RESOLVER.port ? 'old' : 'new'),
      resolverTtl: () => 900,
    });
    assert.deepEqual(laggards, []);
    assert.deepEqual(report.resolvers[0]?.look, { kind: 'old', values: [OLD_ADDRESS], ttlSeconds: 900 });
    assert.ok((horizonMonoMs ?? 0) >= beganMs + 900_000);
  });

  test('without a list the name servers of the zone are found and asked at port 53', async () => {
    const found = [
      { name: 'ns1.example.net.', addresses: ['192.0.2.53', '2001:db8::53'] },
      { name: 'ns2.example.net.', addresses: ['192.0.2.54'] },
    ];
    const { report, laggards } = await ask({
      servers: [],
      find: async () => ({ kind: 'found', servers: found }),
      answers: () => 'new',
    });
    assert.deepEqual(laggards, []);
    assert.deepEqual(
      report.servers.map(({ server, at }) => `${server} ${at}`),
      ['ns1.example.net. 192.0.2.53:53', 'ns1.example.net. [2001:db8::53]:53', 'ns2.example.net. 192.0.2.54:53'],
    );
  });

  test('name servers that cannot be found are the laggard', async () => {
    const { laggards, horizonMonoMs } = await ask({
      servers: [],
      find: async () => ({ kind: 'unknown', reason: 'ESERVFAIL' }),
    });
    assert.match(laggards.join(), /^the name servers of .* \(ESERVFAIL\)$/);
    assert.equal(horizonMonoMs, null);
  });
});
