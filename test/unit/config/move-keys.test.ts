// The keys that say when and how a service moves: their defaults, and what becomes of written ones.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ServiceConfig } from '../../../src/config/config.ts';
import { commandOf } from '../../support/command-of.ts';
import { acceptedConfig, configText, refusal } from '../../support/config-text.ts';

const CHECK = '    check: { http:';
const START = '      start: { exec: [/opt/start, "{node.id}"] }';
const RECORD = 'record: { name: web.ha.example.com. }';

describe('parseConfig: keys of moves', () => {
  test('by default nothing is restarted, moved back or asserted', () => {
    const { restart, cutover, failback, conflict, safety, nodes } = service(configText());
    assert.deepEqual(
      { restart, cutover, failback, conflict, safety },
      {
        restart: { attempts: 0, perMs: 600_000 },
        cutover: 'verified',
        failback: { kind: 'manual' },
        conflict: 'stopAll',
        safety: { minStartable: 0, gates: [] },
      },
    );
    assert.deepEqual([nodes[0]?.vantage, nodes[0]?.actions.drain, nodes[0]?.actions.undrain], [null, null, null]);
  });

  test('written keys arrive', () => {
    const lines = [
      'cutover: early',
      'failback: { window: "*/10  0 3 * * 1#1", openFor: 90m }',
      'conflict: freeze',
      'safety: { minStartable: 2, gates: [release, migration] }',
      'failover: { coldStart: false, failureThreshold: { count: 1, per: 1h }, maxLag: 1.5 }',
    ];
    const read = service(withLines(lines));
    assert.equal(read.cutover, 'early');
    assert.deepEqual(read.failback, { kind: 'window', cron: '*/10 0 3 * * 1#1', openForMs: 5_400_000 });
    assert.equal(read.conflict, 'freeze');
    assert.deepEqual(read.safety, { minStartable: 2, gates: ['release', 'migration'] });
    const { coldStart, failureThreshold, maxLag } = read.failover;
    assert.deepEqual(
      { coldStart, failureThreshold, maxLag },
      { coldStart: false, failureThreshold: { count: 1, perMs: 3_600_000 }, maxLag: 1.5 },
    );
  });

  test('drain waits for clients longer than undrain', () => {
    const actions = `${START}\n      drain: { exec: [/opt/drain, "{node.id}"] }\n      undrain: { exec: [/opt/undrain] }`;
    const node = service(configText([START, actions])).nodes[1];
    assert.deepEqual(commandOf(node?.actions.drain).argv, ['/opt/drain', 'b']);
    assert.deepEqual([node?.actions.drain?.timeoutMs, node?.actions.undrain?.timeoutMs], [300_000, 60_000]);
  });

  test('a restart is accepted with both stop and start', () => {
    const text = configText(
      [START, `${START}\n      stop: { exec: [/opt/stop] }`],
      [CHECK, `    restart: { attempts: 2 }\n${CHECK}`],
    );
    assert.deepEqual(service(text).restart, { attempts: 2, perMs: 600_000 });
  });

  test('the vantage of a node is a key of its own and still a placeholder', () => {
    const text = configText(
      ['zone: z1', 'vantage: east'],
      ['zone: z2', 'vantage: west'],
      ['"{node.id}"] }', '"{node.vantage}"] }'],
    );
    const nodes = service(text).nodes;
    assert.deepEqual(
      nodes.map(({ vantage }) => vantage),
      ['east', 'west'],
    );
    assert.deepEqual(commandOf(nodes[1]?.actions.start).argv, ['/opt/start', 'west']);
  });

  test('sorry has one spelling, and any family that a node has', () => {
    const sorry = (address: string) =>
      configText(
        ['192.0.2.22', '"2001:db8::22"'],
        [RECORD, `record: { name: web.ha.example.com., sorry: "${address}" }`],
      );
    assert.equal(service(sorry('2001:DB8:0::99')).record.sorry, '2001:db8::99');
    assert.equal(service(sorry('192.0.2.99')).record.sorry, '192.0.2.99');
    assert.match(refusal(sorry('2001:db8:0::22')), /address of node b/);
  });

  test('a node that may never start does not count for minStartable', () => {
    const text = configText(['zone: z1', 'priority: 0'], [CHECK, `    safety: { minStartable: 2 }\n${CHECK}`]);
    assert.match(refusal(text), /only 1 of the nodes may ever be started/);
  });
});

function withLines(lines: readonly string[]): string {
  return configText([CHECK, `${lines.map((line) => `    ${line}\n`).join('')}${CHECK}`]);
}

function service(text: string): ServiceConfig {
  const [first] = acceptedConfig(text).services;
  assert.ok(first !== undefined);
  return first;
}
