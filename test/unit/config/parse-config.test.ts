// What a good file becomes: defaults, expanded placeholders, normal forms, and all mistakes of a bad one at once.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references are written as they stand in the file
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { waitForPeriodMs } from '../../../src/base/clock-bounds.ts';
import type { CheckTarget } from '../../../src/config/check-target.ts';
import type { Config } from '../../../src/config/config.ts';
import { formatProblems } from '../../../src/config/format-problems.ts';
import { CONFIG_TEXT_MAX, parseConfig } from '../../../src/config/parse-config.ts';
import { DURATION_MAX_MS } from '../../../src/config/schema/duration-text.ts';
import { commandOf } from '../../support/command-of.ts';
import { configInput } from '../../support/config-input.ts';
import { acceptedConfig, configText, refusal } from '../../support/config-text.ts';

const CHECK = '    check: { http: "http://{address}:8080/" }';
const START = '[/opt/start, "{node.id}"]';

describe('parseConfig: shipped files', () => {
  for (const name of ['minimal.yaml', 'complete.yaml']) {
    test(`config/${name} is accepted`, () => {
      const text = readFileSync(new URL(`../../../config/${name}`, import.meta.url), 'utf8');
      assert.ok(acceptedConfig(text).services.length > 0);
    });
  }

  test('config/complete.yaml has no warning and uses every kind of check', () => {
    const text = readFileSync(new URL('../../../config/complete.yaml', import.meta.url), 'utf8');
    const parsed = parseConfig(text, configInput('complete.yaml'));
    assert.ok(parsed.ok);
    assert.equal(formatProblems(parsed.value.warnings), '');
    const nodes = parsed.value.config.services.flatMap((service) => service.nodes);
    const kinds = nodes.flatMap(({ check, activeCheck }) => [check.target, activeCheck.target]).flatMap(kindsOf);
    const every = ['dns', 'exec', 'group', 'grpc', 'http', 'icmp', 'mysql', 'postgres', 'redis', 'tcp', 'tls'];
    assert.deepEqual([...new Set(kinds)].sort(), every);
  });
});

describe('parseConfig: defaults', () => {
  const config = acceptedConfig(configText());
  const [service] = config.services;
  assert.ok(service !== undefined);

  test('timing, quorum and paths', () => {
    assert.equal(storePath(config), '/etc/oneup/var/oneup.db');
    assert.equal(config.cluster.stateDir, '/etc/oneup/var');
    assert.equal(config.cluster.quorum.minVantages, 2);
    assert.deepEqual(config.cluster.timing, {
      sessionTtlMs: 15_000,
      rho: 0.01,
      marginMs: 2_000,
      killTimeMs: 1_000,
      startupGraceMs: 15_000,
      watchTimeoutMs: 30_000,
      lostAfterMs: 10_000,
      staleAfterMs: 600_000,
      driftAfterMs: 600_000,
      reachGraceMs: 60_000,
    });
  });

  test('minVantages is 1 where all probers stand at one vantage (S24)', () => {
    const text = configText(['vantage: east', 'vantage: west']);
    assert.equal(acceptedConfig(text).cluster.quorum.minVantages, 1);
  });

  test('check, failover, TTLs and provider', () => {
    const { target, ...rhythm } = service.nodes[0]?.check ?? {};
    assert.deepEqual(rhythm, {
      intervalMs: 5_000,
      timeoutMs: 3_000,
      fall: 3,
      rise: 2,
      minDownMs: 5_000,
      recheckMs: 250,
    });
    assert.equal(target?.kind, 'http');
    assert.equal(service.nodes[0]?.activeCheck, service.nodes[0]?.check);
    assert.deepEqual(service.record, {
      name: 'web.ha.example.com.',
      zone: 'ha.example.com.',
      provider: 'builtin',
      second: null,
      ttl: { steadySeconds: 20, suspectSeconds: 5, settlingSeconds: 5 },
      sorry: null,
      repairDrift: false,
    });
    assert.deepEqual(service.failover, {
      automatic: true,
      cooldownMs: 3_600_000,
      budget: { count: 3, perMs: 86_400_000 },
      stableForMs: 900_000,
      opMaxAgeMs: 1_800_000,
      precheckMaxAgeMs: 30_000,
      verifyTimeoutMs: 120_000,
      contactTimeoutMs: 5_000,
      coldStart: true,
      failureThreshold: { count: 3, perMs: 21_600_000 },
      resyncAfter: 'failure',
      maxLag: null,
    });
    assert.deepEqual(config.providers, [{ name: 'builtin', kind: 'builtin' }]);
    assert.deepEqual(
      service.nodes.map(({ priority }) => priority),
      [1, 2],
    );
  });

  test('timeout and recheck follow a shorter interval, minDown follows any', () => {
    const text = configText([CHECK, '    check: { tcp: "{address}:80", interval: 200ms }']);
    const check = acceptedConfig(text).services[0]?.nodes[0]?.check;
    assert.deepEqual([check?.timeoutMs, check?.recheckMs, check?.minDownMs], [200, 200, 200]);
  });

  test('activeCheck takes its rhythm from check', () => {
    const text = configText([
      CHECK,
      '    check: { tcp: "{address}:80", interval: 7s, fall: 5 }\n    activeCheck: { tcp: "{address}:81" }',
    ]);
    const active = acceptedConfig(text).services[0]?.nodes[0]?.activeCheck;
    assert.deepEqual(
      [active?.target, active?.intervalMs, active?.fall],
      [{ kind: 'tcp', host: '192.0.2.21', port: 81 }, 7_000, 5],
    );
  });

  test('onStale is refuse only where every zone has three name servers (S30)', () => {
    assert.equal(config.dns.onStale, 'refuse');
    assert.equal(acceptedConfig(configText(['[p1, p2, p3]', '[p1, p2]'])).dns.onStale, 'serve');
  });

  test('a prober listens where it says, or else where dns says', () => {
    const text = configText(['address: 127.0.0.2 }', 'address: 127.0.0.2, listen: ["[::1]:5300", "127.0.0.2:5300"] }']);
    const listens = acceptedConfig(text).cluster.probers.map(({ listen }) => listen);
    const byDefault = [{ host: '127.0.0.1', port: 0 }];
    assert.deepEqual(listens, [
      byDefault,
      [
        { host: '::1', port: 5300 },
        { host: '127.0.0.2', port: 5300 },
      ],
      byDefault,
    ]);
  });
});

describe('parseConfig: normal forms', () => {
  test('names are lower case and absolute, with or without the last dot', () => {
    for (const name of ['web.ha.example.com', 'Web.HA.example.com.']) {
      const text = configText(['name: web.ha.example.com.', `name: ${name}`]);
      assert.equal(acceptedConfig(text).services[0]?.record.name, 'web.ha.example.com.');
    }
  });

  test('a record belongs to the longest zone that holds it', () => {
    const zone =
      '    - { name: web.ha.example.com., ns: [p1], hostmaster: ops.example.com. }\n    - name: ha.example.com.';
    const config = acceptedConfig(configText(['    - name: ha.example.com.', zone]));
    assert.equal(config.services[0]?.record.zone, 'web.ha.example.com.');
  });

  test('IPv6 addresses have one spelling', () => {
    const text = configText(['192.0.2.21', '"2001:DB8:0::21"']);
    assert.equal(acceptedConfig(text).services[0]?.nodes[0]?.address, '2001:db8::21');
  });

  test('static records: relative and absolute names, @, wildcards, bare TXT', () => {
    const records = [
      '{ name: "@", type: MX, values: ["10 Mail.example.com."] }',
      '{ name: "*.apps", type: CNAME, values: [web.ha.example.com.] }',
      '{ name: a.ha.example.com, type: TXT, ttl: 0s, values: ["v=spf1 -all", 42] }',
      '{ name: b.ha.example.com., type: AAAA, values: ["2001:DB8::1"] }',
    ].map((record) => `        - ${record}`);
    const text = configText(['        - { name: www, type: A, values: [192.0.2.80] }', records.join('\n')]);
    assert.deepEqual(acceptedConfig(text).dns.zones[0]?.records, [
      { name: 'ha.example.com.', type: 'MX', ttlSeconds: 300, values: ['10 mail.example.com.'] },
      { name: '*.apps.ha.example.com.', type: 'CNAME', ttlSeconds: 300, values: ['web.ha.example.com.'] },
      { name: 'a.ha.example.com.', type: 'TXT', ttlSeconds: 0, values: ['"v=spf1 -all"', '"42"'] },
      { name: 'b.ha.example.com.', type: 'AAAA', ttlSeconds: 300, values: ['2001:db8::1'] },
    ]);
  });

  test('name servers are named by the prober, or as written', () => {
    const text = configText(['ns: [p1, p2, p3]', 'ns: [p1, p2, p3]\n      nsNames: { p2: ns2.example.net }']);
    const names = acceptedConfig(text).dns.zones[0]?.nameServers.map(({ name }) => name);
    assert.deepEqual(names, ['p1.ns.ha.example.com.', 'ns2.example.net.', 'p3.ns.ha.example.com.']);
  });
});

describe('parseConfig: placeholders', () => {
  test('are expanded for each node, attributes too', () => {
    const text = configText([START, '[/opt/start, "{service}/{node.id}@{node.zone}", "{address}"]']);
    const argvs = acceptedConfig(text).services[0]?.nodes.map(({ actions }) => commandOf(actions.start).argv);
    assert.deepEqual(argvs, [
      ['/opt/start', 'web/a@z1', '192.0.2.21'],
      ['/opt/start', 'web/b@z2', '192.0.2.22'],
    ]);
  });

  test('{address} has brackets in URLs and endpoints only', () => {
    const check = '    check: { http: "http://{address}:8080/" }\n    activeCheck: { tcp: "{address}:81" }';
    const text = configText(['192.0.2.21', '"2001:db8::21"'], [CHECK, check], [START, '[/opt/start, "{address}"]']);
    const node = acceptedConfig(text).services[0]?.nodes[0];
    assert.ok(node?.check.target.kind === 'http');
    assert.equal(node.check.target.url, 'http://[2001:db8::21]:8080/');
    assert.deepEqual(node.activeCheck.target, { kind: 'tcp', host: '2001:db8::21', port: 81 });
    assert.deepEqual(commandOf(node.actions.start).argv, ['/opt/start', '2001:db8::21']);
  });

  test('braces of other programs stay', () => {
    const words = ['%{http_code}', '{{.State}}', '{{name}}', '${HOME}', '{.status}', '{print $1}', '{}'];
    const argv = `[/opt/start, ${words.map((word) => `'${word}'`).join(', ')}]`;
    const node = acceptedConfig(configText([START, argv])).services[0]?.nodes[0];
    assert.deepEqual(commandOf(node?.actions.start).argv, ['/opt/start', ...words]);
  });

  test('words of commands stay as written where YAML would read numbers', () => {
    const text = configText([START, '{ command: [/opt/start, 010, 1.10, true, off], env: { PORT: 0x1F } }']);
    const command = commandOf(acceptedConfig(text).services[0]?.nodes[0]?.actions.start);
    assert.deepEqual(command?.argv, ['/opt/start', '010', '1.10', 'true', 'off']);
    assert.equal(command?.env[0]?.[1].reveal(), '0x1F');
  });
});

describe('parseConfig: mistakes together', () => {
  test('all problems come at once, in the order of the file', () => {
    const mistakes = configText(
      ['name: test', 'name: Test'],
      ['sessionTtl: 15s', 'sessionTtl: 15'],
      ['ns: [p1, p2, p3]', 'ns: [p1, p1]'],
      ['address: 192.0.2.22', 'adress: 192.0.2.22'],
      ['  web:', '  other:\n    record: { name: other.example.net. }\n    nodes: []\n    check: {}\n  web:'],
    );
    const text = refusal(mistakes);
    const places = text.split('\n').flatMap((line) => /Cannot use ([^:]+):/.exec(line)?.[1] ?? []);
    assert.match(text, /is it what "adress" was meant to be/);
    assert.deepEqual(places, [
      'cluster.name',
      'cluster.timing.sessionTtl',
      'dns.zones[0].ns[1]',
      'services.other.nodes',
      'services.other.check',
      'services.web.nodes[1].address',
    ]);
  });

  test('a text longer than the bound is refused before it is read', () => {
    assert.match(refusal('#'.repeat(CONFIG_TEXT_MAX + 1)), /longer than 1048576 characters/);
  });

  test('formatProblems shows a bounded number of them', () => {
    const services = Array.from({ length: 120 }, (_, index) => `  s${index}: {}`).join('\n');
    const lines = refusal(`services:\n${services}\n`).split('\n');
    assert.equal(lines.length, 201);
    assert.match(lines.at(-1) ?? '', /^\.\.\. and \d+ more$/);
  });
});

test('the longest durations accepted make no wait that a timer cannot hold', () => {
  const timerMaxMs = 2 ** 31 - 1;
  const bounds = { rho: 0.1, marginMs: 3_600_000 };
  assert.ok(waitForPeriodMs(DURATION_MAX_MS, bounds) < timerMaxMs);
  const longest = ['staleAfter: 15d', 'rho: 0.2', 'margin: 2h'];
  for (const timing of longest) assert.match(refusal(configText(['sessionTtl: 15s', timing])), /expected a/);
});

test('a Config is frozen through and through', () => {
  const config = acceptedConfig(configText());
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    assert.ok(Object.isFrozen(value));
    Object.values(value).forEach(visit);
  };
  visit(config);
});

function storePath({ cluster }: Config): string {
  return cluster.store.kind === 'sqlite' ? cluster.store.path : assert.fail(cluster.store.kind);
}

function kindsOf(target: CheckTarget): readonly CheckTarget['kind'][] {
  return target.kind === 'group' ? ['group', ...target.parts.flatMap(kindsOf)] : [target.kind];
}
