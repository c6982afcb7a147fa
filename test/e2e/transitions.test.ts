// One transition and everything that can go wrong on its way, with real scripts and processes: the stories FC of docs/scenarios.md.
// After each of them it is counted what was started, stopped and fenced, and asked who is active and what DNS says.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Cluster } from './support/cluster.ts';
import { type Change, type NodeName, SERVICE } from './support/cluster-files.ts';
import { askedAgain } from './support/expect-exit.ts';
import { waitUntil } from './support/wait-until.ts';

/** A start that hangs is waited for, and a switchover that a change of the controller would refuse is not what is told here. */
const CHANGES: readonly Change[] = [
  ['start: { exec: { command: [./act.sh] }, timeout: 20s }', 'start: { exec: { command: [./act.sh] }, timeout: 6s }'],
  ['sessionTtl: 3s', 'sessionTtl: 5s'],
];

type Mode = readonly [action: string, node: NodeName, mode: string];
/** Starts, stops and fences of a node. */
type Count = readonly [starts: number, stops: number, fences: number];

type Story = {
  readonly title: string;
  /** How scripts misbehave meanwhile. */
  readonly modes?: readonly Mode[];
  readonly argv: readonly string[];
  readonly exitCode: number;
  readonly says: RegExp;
  readonly a: Count;
  readonly b: Count;
  readonly active: NodeName | null;
};

const TO_B = ['switchover', SERVICE, '--to', 'b'];

const STORIES: readonly Story[] = [
  {
    title: 'FC-01 there: the roles swap and nothing is fenced',
    argv: TO_B,
    exitCode: 0,
    says: /^(\w+ done: )?b is active/,
    ...counts({ a: [0, 1, 0], b: [1, 0, 0] }),
    active: 'b',
  },
  {
    title: 'FC-01 and back',
    argv: ['switchover', SERVICE, '--to', 'a'],
    exitCode: 0,
    says: /^(\w+ done: )?a is active/,
    ...counts({ a: [1, 0, 0], b: [0, 1, 0] }),
    active: 'a',
  },
  {
    title: 'FC-17 to the node that is active: refused',
    argv: ['switchover', SERVICE, '--to', 'a'],
    exitCode: 7,
    says: /^Refused by node\.is-active/,
    ...counts({ a: [0, 0, 0], b: [0, 0, 0] }),
    active: 'a',
  },
  {
    title: 'FC-04 and FC-05 the target says no: refused with its words',
    modes: [['precheck', 'b', 'fail']],
    argv: TO_B,
    exitCode: 8,
    says: /aborted: node b is not ready: .*this script was told to fail/,
    ...counts({ a: [0, 0, 0], b: [0, 0, 0] }),
    active: 'a',
  },
  {
    title: 'FC-05 by force: readiness is set aside by its name',
    modes: [['precheck', 'b', 'fail']],
    argv: ['failover', SERVICE, '--to', 'b', '--override', 'readiness', '--reason', 'an old copy is better than none'],
    exitCode: 0,
    says: /^(\w+ done: )?b is active/,
    ...counts({ a: [0, 1, 0], b: [1, 0, 0] }),
    active: 'b',
  },
  {
    title: 'FC-07 the active refuses to stop: fenced once, and the target becomes active',
    modes: [['stop', 'b', 'fail']],
    argv: ['switchover', SERVICE, '--to', 'a'],
    exitCode: 0,
    says: /^(\w+ done: )?a is active/,
    ...counts({ a: [1, 0, 0], b: [0, 1, 1] }),
    active: 'a',
  },
  {
    title: 'FC-12 the target does not start: stopped, and the old active starts again, each once',
    modes: [['start', 'b', 'fail']],
    argv: TO_B,
    exitCode: 8,
    says: /rolled back: a is active again/,
    ...counts({ a: [1, 1, 0], b: [1, 1, 0] }),
    active: 'a',
  },
  {
    title: 'FC-14 the start hangs and the stop fails: the target is fenced once before the old active returns',
    modes: [
      ['start', 'b', 'hang'],
      ['stop', 'b', 'fail'],
    ],
    argv: TO_B,
    exitCode: 8,
    says: /rolled back: a is active again/,
    ...counts({ a: [1, 1, 0], b: [1, 1, 1] }),
    active: 'a',
  },
  {
    title: 'FC-16 neither starts: both are stopped, and somebody is told',
    modes: [
      ['start', 'a', 'fail'],
      ['start', 'b', 'fail'],
    ],
    argv: TO_B,
    exitCode: 8,
    says: /no node could be started: start of b failed[\s\S]*start of a failed/,
    ...counts({ a: [1, 2, 0], b: [1, 1, 0] }),
    active: null,
  },
  {
    title: 'FC-13 the active was fenced and the target fails: no way back to a fenced node',
    modes: [
      ['stop', 'a', 'fail'],
      ['start', 'b', 'fail'],
    ],
    argv: TO_B,
    exitCode: 8,
    says: /no node could be started: start of b failed/,
    ...counts({ a: [0, 1, 1], b: [1, 1, 0] }),
    active: null,
  },
];

describe('one transition, on real processes', () => {
  test('each way in which it can go', async (t) => {
    await using cluster = await Cluster.running({ changes: CHANGES });
    for (const story of STORIES) await t.test(story.title, () => play(cluster, story));
  });

  test('what cannot be proven down is neither left nor returned to', async (t) => {
    await using cluster = await Cluster.running({ changes: CHANGES });

    await t.test('FC-15 a target that can be neither stopped nor fenced: the old active stays stopped', async () => {
      const modes = [
        ['start', 'b', 'half'],
        ['stop', 'b', 'fail'],
        ['fence', 'b', 'idle'],
      ] as const;
      for (const [action, node, mode] of modes) cluster.setMode(action, node, mode);
      const before = cluster.actions().length;
      const { code, stdout } = await askedAgain(cluster, ...TO_B);
      assert.equal(code, 9, stdout);
      assert.match(stdout, /^Blocked by S17\.proof-missing: the fence ladder of b did not pass/);
      assert.deepEqual(countSince(cluster, 'a', before), [0, 1, 0]);
      assert.equal((await cluster.service()).active, null);
      for (const [action, node] of modes) cluster.setMode(action, node, null);
      // The device works again, and the operation goes on by itself: b is off, and a was never fenced.
      await cluster.settled('a');
    });

    await t.test('FC-09 and FC-08 a stop that lies and a fence that fails: no start, no way back', async () => {
      await mend(cluster);
      cluster.setMode('stop', 'a', 'idle');
      cluster.setMode('fence', 'a', 'idle');
      const before = cluster.actions().length;
      const { code, stdout } = await askedAgain(cluster, ...TO_B);
      assert.equal(code, 9, stdout);
      assert.match(stdout, /^Blocked by S17\.proof-missing: the fence ladder of a did not pass/);
      assert.deepEqual(countSince(cluster, 'b', before), [0, 0, 0]);
      const back = await cluster.oneup('rollback', SERVICE);
      assert.equal(back.code, 7, back.stdout);
      assert.match(back.stdout, /S34\.no-rollback/);
      cluster.setMode('fence', 'a', null);
      await cluster.settled('b');
    });
  });
});

async function play(cluster: Cluster, { modes = [], argv, exitCode, says, a, b, active }: Story): Promise<void> {
  await mend(cluster);
  for (const mode of modes) cluster.setMode(...mode);
  const before = cluster.actions().length;
  const { code, stdout } = await askedAgain(cluster, ...argv);
  for (const [action, node] of modes) cluster.setMode(action, node, null);
  assert.equal(code, exitCode, stdout);
  assert.match(stdout, says);
  if (active !== null) await cluster.settled(active);
  assert.deepEqual({ a: countSince(cluster, 'a', before), b: countSince(cluster, 'b', before) }, { a, b });
  assert.equal((await cluster.service()).active, active);
}

/** Whoever failed is back before the next story begins; where nobody is active, oneup starts the preferred node by itself. */
async function mend(cluster: Cluster): Promise<void> {
  await waitUntil('both nodes to be sound', async () => {
    const { nodes, operation, active } = await cluster.service();
    if (operation !== null) return false;
    const failed = nodes.filter((one) => one.failed !== null);
    for (const { node } of failed) await cluster.oneup('rejoin', SERVICE, '--node', node);
    return failed.length === 0 && active !== null;
  });
}

/** What was begun; a fence that goes on failing is begun again and again. */
function countSince(cluster: Cluster, node: NodeName, before: number): Count {
  const lines = cluster.actions().slice(before);
  const count = (action: string) => lines.filter((line) => line.startsWith(`begin ${action} ${node} `)).length;
  return [count('start'), count('stop'), count('fence')];
}

function counts(each: Record<NodeName, Count>): Record<NodeName, Count> {
  return each;
}
