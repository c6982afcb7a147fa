// What is said about a host that is cut off: who proves that the node is down, in which order, and how long it takes.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Facts } from '../../../../src/cli/connect/facts.ts';
import { ifCutOff } from '../../../../src/cli/connect/if-cut-off.ts';
import type { Config } from '../../../../src/config/config.ts';
import { acceptedConfig, configText } from '../../../support/config-text.ts';

type Change = readonly [from: string, to: string];

const LADDER = `      fence:
        - exec: [/opt/power, "off", "{node.id}"]
          confirm: { exec: [/opt/power, state, "{node.id}"], offStates: ["off"] }
`;
const BY_SSH = `        - ssh: { host: "{address}", command: [/sbin/poweroff], stateDir: /var/lib/oneup }
          confirm: { exec: [/opt/power, state, "{node.id}"], offStates: ["off"] }
          timeout: 20s
`;
const START: Change = ['      start: { exec: [/opt/start, "{node.id}"] }\n', ''];
const NO_ACTIONS: Change = ['    actions:\n', ''];
const MANUAL: Change = ['    check:', '    failover: { automatic: false }\n    check:'];
const AGENT: Change = ['    check:', '    agent: { run: [/opt/run], lease: 30s, stopTimeout: 5s }\n    check:'];
const LISTEN: Change = ['address: 127.0.0.1 }', 'address: 127.0.0.1, api: { listen: "127.0.0.1:7800" } }'];

function facts(enforced: Facts['agents'][string] | null): Facts {
  const agents = enforced === null ? {} : { 'web/a': enforced, 'web/b': enforced };
  return { generation: 1, active: { web: 'a' }, agents, unfit: {} };
}

type Row = {
  readonly when: string;
  readonly changes: readonly Change[];
  readonly facts?: Facts;
  readonly says: string;
  readonly isStuck?: boolean;
  readonly isTimed?: boolean;
};

const ROWS: readonly Row[] = [
  { when: 'a device fences', changes: [], says: 'fence level 1 (exec power)' },
  {
    when: 'a level through the node comes before one outside it',
    changes: [['      fence:\n', `      fence:\n${BY_SSH}`]],
    says: 'fence level 1 (ssh poweroff, through the node itself) then level 2 (exec power)',
  },
  {
    when: 'a level goes to the name under which the node is started',
    changes: [
      ['{ exec: [/opt/start, "{node.id}"] }', '{ ssh: { host: "{node.id}.example.net", command: [start] } }'],
      ['      fence:\n', `      fence:\n${BY_SSH.replace('{address}', '{node.id}.example.net')}`],
    ],
    says: 'fence level 1 (ssh poweroff, through the node itself) then level 2 (exec power)',
  },
  {
    when: 'a level goes to a host that starts every node',
    changes: [
      ['{ exec: [/opt/start, "{node.id}"] }', '{ ssh: { host: rack.example.net, command: [start, "{node.id}"] } }'],
      ['      fence:\n', `      fence:\n${BY_SSH.replace('{address}', 'rack.example.net')}`],
    ],
    says: 'fence level 1 (ssh poweroff) then level 2 (exec power)',
  },
  {
    when: 'every level goes through the node',
    changes: [[LADDER, `      fence:\n${BY_SSH}`]],
    says: 'fence level 1 (ssh poweroff, through the node itself) first, in vain; BLOCKED: nobody can prove that the node is down; a person decides with confirm-down',
    isStuck: true,
    isTimed: false,
  },
  {
    when: 'there is no ladder, and nothing is automatic',
    changes: [[LADDER, ''], MANUAL],
    says: 'BLOCKED: nobody can prove that the node is down; a person decides with confirm-down',
    isTimed: false,
  },
  {
    when: 'nothing has to be proven',
    changes: [
      [LADDER, ''],
      ['    record:', '    exclusive: false\n    record:'],
    ],
    says: 'nothing has to be proven (exclusive: false)',
  },
  {
    when: 'the lease of an agent is enforced',
    changes: [[LADDER, ''], START, NO_ACTIONS, AGENT, LISTEN],
    facts: facts('keeper'),
    says: 'lease wait of 32.6s (enforced by keeper)',
  },
  {
    when: 'nobody has seen the agent yet',
    changes: [[LADDER, ''], START, NO_ACTIONS, AGENT, LISTEN],
    says: 'lease wait of 32.6s (if its agent is connected and enforces it)',
  },
  {
    when: 'nobody enforces the lease, and there is no ladder',
    changes: [[LADDER, ''], START, NO_ACTIONS, AGENT, LISTEN],
    facts: facts('none'),
    says: 'BLOCKED: nobody can prove that the node is down; a person decides with confirm-down',
    isStuck: true,
    isTimed: false,
  },
  {
    when: 'a ladder stands beside the lease',
    changes: [START, AGENT, LISTEN],
    facts: facts('watchdog'),
    says: 'fence level 1 (exec power); beside it lease wait of 32.6s (enforced by watchdog)',
  },
  {
    when: 'a person moves it',
    changes: [MANUAL],
    says: 'a person moves it (failover.automatic: false); fence level 1 (exec power)',
  },
];

describe('ifCutOff', () => {
  for (const { when, changes, facts: known = facts(null), says, isStuck = false, isTimed = true } of ROWS) {
    test(when, () => {
      const [found, ...others] = cutOff(changes, known);
      assert.deepEqual(others, [], 'both nodes are alike');
      assert.equal(found?.says, says);
      assert.deepEqual(found.nodes, ['a', 'b']);
      assert.equal(found.isStuck, isStuck);
      assert.equal(found.atMostMs !== null, isTimed);
    });
  }

  test('the numbers are those of plan: contact instead of the stop action, the time limits of the whole ladder', () => {
    const [found] = cutOff([['      fence:\n', `      fence:\n${BY_SSH}`]], null);
    assert.ok(found !== undefined);
    const proof = 20_000 + 60_000;
    assert.ok(found.terms.includes('proof 1m20s'), found.terms.join());
    assert.equal(
      found.terms.some((term) => term.startsWith('contact')),
      false,
      'there is no stop action',
    );
    assert.ok((found.atMostMs?.answer ?? 0) > proof);
    assert.equal((found.atMostMs?.clients ?? 0) - (found.atMostMs?.answer ?? 0), 20_000);
  });

  test('nodes that differ are told apart', () => {
    const agents = { 'web/a': 'none', 'web/b': 'keeper' } as const;
    const known: Facts = { generation: 1, active: { web: 'b' }, agents, unfit: {} };
    const found = cutOff([[LADDER, ''], START, NO_ACTIONS, AGENT, LISTEN], known);
    assert.deepEqual(
      found.map(({ nodes, hasActive, isStuck }) => ({ nodes, hasActive, isStuck })),
      [
        { nodes: ['a'], hasActive: false, isStuck: true },
        { nodes: ['b'], hasActive: true, isStuck: false },
      ],
    );
  });
});

function cutOff(changes: readonly Change[], known: Facts | null) {
  const config: Config = acceptedConfig(configText(...changes));
  const [service] = config.services;
  assert.ok(service !== undefined);
  return ifCutOff(config, service, known);
}
