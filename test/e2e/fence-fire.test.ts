// `oneup test-fence --fire` on a live cluster: real processes are ended by the real script of the ladder, the active node is never
// touched, and the standby comes back by rejoin only (S18, S36).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { FencePlan } from '../../src/controller/read-fence-plan.ts';
import type { HistoryEntry, JournalEntry } from '../../src/failover/machine-effect.ts';
import { Cluster } from './support/cluster.ts';
import { SERVICE } from './support/cluster-files.ts';
import { expectExit, jsonOf } from './support/expect-exit.ts';
import { waitUntil } from './support/wait-until.ts';

type Fired = {
  readonly exitCode: number;
  readonly ended: HistoryEntry | null;
  readonly journal: readonly JournalEntry[];
};

type Machine = AsyncDisposable & { readonly ended: Promise<unknown>; readonly isRunning: () => boolean };

const FIRE = ['test-fence', SERVICE, '--node', 'b', '--fire'] as const;

describe('oneup test-fence --fire', () => {
  test('fires at a standby, tells what it saw, and leaves the active alone', async (t) => {
    await using cluster = await Cluster.running({ changes: [['timeout: 5s', 'timeout: 12s']] });
    const active = cluster.instancePid('a');
    await t.test('a dry run says what would be run and whether it would be refused, and runs nothing', () =>
      dryRun(cluster),
    );
    await t.test('the active node is refused: exit code 7', async () => {
      const before = cluster.actions('begin fence').length;
      const text = await expectExit(cluster, 7, 'test-fence', SERVICE, '--node', 'a', '--fire');
      assert.match(text, /Refused by node\.is-active: .*\nRemedy: Move the service first with oneup switchover web/);
      assert.equal(cluster.actions('begin fence').length, before);
    });
    await t.test('what runs on the standby is ended, and the node counts as fenced', () => passes(cluster));
    await t.test('rejoin brings it back, and a level that does nothing fails: exit code 8', () => fails(cluster));
    await t.test('a level that is not there: exit code 7', async () => {
      await expectExit(cluster, 0, 'rejoin', SERVICE, '--node', 'b');
      assert.match(
        await expectExit(cluster, 7, ...FIRE, '--level', '2'),
        /S20\.no-fence-ladder: .*levels 1 to 1, value was 2/,
      );
    });
    await t.test('the controller dies in the middle: the test ends as failed, and nothing is fired again', () =>
      outlives(cluster),
    );
    assert.equal(cluster.instancePid('a'), active, 'the active ran on');
    assert.deepEqual(cluster.actions('begin fence a'), []);
    await cluster.settled('a');
  });
});

async function dryRun(cluster: Cluster): Promise<void> {
  const before = cluster.actions().length;
  const text = await expectExit(cluster, 0, 'test-fence', SERVICE, '--node', 'b', '--dry-run');
  assert.match(text, /level 1 \(exec, at most 12s\): .*act\.sh\n +then asks .*confirm\.sh; off: off/);
  const refused = await expectExit(cluster, 7, 'test-fence', SERVICE, '--node', 'a', '--dry-run', '--json');
  const plan = JSON.parse(refused) as FencePlan;
  assert.deepEqual([plan.node, plan.levels.length, plan.refusal?.rule], ['a', 1, 'node.is-active']);
  assert.equal(cluster.actions().length, before);
}

/** A process where the fence device of node b looks for one. It listens nowhere, so no prober takes it for an active. */
function startOn(cluster: Cluster): Machine {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  writeFileSync(cluster.path('pid-b'), `${child.pid}\n`);
  return {
    ended,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function passes(cluster: Cluster): Promise<void> {
  await using machine = startOn(cluster);
  const fired = await jsonOf<Fired>(cluster, ...FIRE, '--reason', 'a new switch');
  await machine.ended;
  assert.equal(fired.ended?.outcome, 'done');
  const [before, after] = fired.ended.op.findings;
  assert.match(`${before?.what}: ${before?.reason}`, /^level 1 of b before: The fence device says "on"$/);
  assert.match(`${after?.what}: ${after?.reason}`, /^level 1 of b fired: off after .*The fence device says "off"/);
  const result = fired.journal.find(({ kind, text }) => kind === 'RESULT' && text.startsWith('fence of b'));
  assert.match(String(result?.evidence.output), /confirm:\noff/);
  const { nodes } = await cluster.service();
  assert.equal(nodes.find(({ node }) => node === 'b')?.role, 'failed');
  const refused = await expectExit(cluster, 7, 'switchover', SERVICE, '--to', 'b');
  assert.match(refused, /S36\.rejoin-needed: .*its fence was tested by .*: a new switch/);
  const [last] = await cluster.history();
  assert.deepEqual([last?.op.kind, last?.outcome, last?.op.from], ['fenceTest', 'done', 'b']);
}

async function fails(cluster: Cluster): Promise<void> {
  await expectExit(cluster, 0, 'rejoin', SERVICE, '--node', 'b');
  await using machine = startOn(cluster);
  cluster.setMode('fence', 'b', 'idle');
  const text = await expectExit(cluster, 8, ...FIRE);
  cluster.setMode('fence', 'b', null);
  assert.match(text, /^Fence test of web\/b failed: 0 of 1 fence levels proved b down/);
  assert.match(text, /BAD +level 1 of b fired +notOff after .*The fence device says "on"/);
  assert.match(text, /Evidence of step \d+, fence of b notOff.*\n(?: {4}.*\n)* {4}on/);
  assert.ok(machine.isRunning(), 'it runs on');
}

/** The script was cut off with its controller: whether it hit is not known, and it is not fired again (S12, S33). */
async function outlives(cluster: Cluster): Promise<void> {
  await using machine = startOn(cluster);
  cluster.setMode('fence', 'b', 'held');
  const before = cluster.actions('begin fence b').length;
  await expectExit(cluster, 0, ...FIRE, '--no-wait', '--reason', 'cut off');
  await waitUntil('the script of the level runs', () => cluster.actions('begin fence b').length > before);
  const controller = await cluster.controller();
  assert.ok(controller !== null);
  await cluster.restart(controller, {}, 'SIGKILL');
  const last = await waitUntil(
    'the test has ended',
    async () => {
      const [entry] = await cluster.history();
      return entry?.op.reason === 'cut off' ? entry : null;
    },
    60_000,
  );
  cluster.setMode('fence', 'b', null);
  assert.equal(last.outcome, 'failed');
  assert.match(last.summary, /^level 1 of b was cut off with its controller.*bring it back with oneup rejoin web/);
  assert.ok(machine.isRunning());
  assert.equal(cluster.actions('begin fence b').length, before + 1);
}
