// Scripts that are missing, fail, hang, ignore SIGTERM, return early or print 1 GB: each is named and bounded, and the operation
// ends in a defined state with a remedy. A target that does not start is rolled back; a fence that proves nothing starts nothing.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Cluster } from './support/cluster.ts';
import { type Change, type NodeName, SERVICE } from './support/cluster-files.ts';
import type { CommandResult } from './support/run-oneup.ts';
import { waitUntil } from './support/wait-until.ts';

const SHORT_START = 'start: { exec: { command: [./act.sh] }, timeout: 20s }';
/** A start script for each node, so that one can be missing; short deadlines, but time to print 1 GB. */
const CHANGES: readonly Change[] = [
  [SHORT_START, 'start: { exec: { command: ["./start-{node.id}"] }, timeout: 4s }'],
  ['sync: { exec: { command: [./act.sh] }, timeout: 15s }', 'sync: { exec: { command: [./act.sh] }, timeout: 60s }'],
  ['verifyTimeout: 20s', 'verifyTimeout: 8s'],
];
/** What the evidence of one action may hold: 4 KiB and the words around them. */
const EVIDENCE_MAX_CHARS = 4_200;

describe('bad scripts', { concurrency: 2 }, () => {
  test('a target that cannot be started is stopped, and the old node runs again: exit code 8', async (t) => {
    await using cluster = await Cluster.create({ changes: CHANGES });
    await begin(cluster);
    const start = cluster.path('start-b');
    const rolledBack = async (reason: RegExp) => {
      const { code, stdout } = await cluster.oneup('switchover', SERVICE, '--to', 'b');
      assert.equal(code, 8, stdout);
      assert.match(stdout, /switchover failed and was rolled back: a is active again; see oneup why web/);
      await cluster.settled('a');
      await assertFailure(cluster, reason);
      assert.equal((await cluster.oneup('rejoin', SERVICE, '--node', 'b')).code, 0);
    };

    await t.test('missing', async () => {
      rmSync(start);
      await rolledBack(/start of b failed: Cannot start: there is no file .*start-b; install it or correct the path/);
    });

    await t.test('not executable', async () => {
      writeFileSync(start, '#!/bin/sh\nexit 0\n');
      chmodSync(start, 0o644);
      await rolledBack(/start of b failed: Cannot start: .*start-b.* not executable/);
      rmSync(start);
      symlinkSync('act.sh', start);
    });

    await t.test('failing: its exit code and output are the evidence', async () => {
      cluster.setMode('start', 'b', 'fail');
      await rolledBack(/start of b failed: start ended with exit code 3/);
      const journal = (await cluster.history()).find((entry) => entry.outcome === 'rolledBack');
      assert.ok(journal !== undefined);
      const { journal: entries } = await cluster
        .api()
        .get<{ journal: readonly { evidence: { output?: string } }[] }>(
          `/v1/services/${SERVICE}/operations/${journal.op.opId}`,
        );
      assert.ok(entries.some((entry) => /this script was told to fail/.test(entry.evidence.output ?? '')));
    });

    await t.test('hanging: killed at its deadline', async () => {
      cluster.setMode('start', 'b', 'hang');
      await rolledBack(/start of b timeout: Killed start: it took longer than 4000 ms/);
      assert.ok(isGone(cluster, 'start', 'b'), 'nothing is left of the script');
    });

    await t.test('ignoring SIGTERM: killed all the same', async () => {
      cluster.setMode('start', 'b', 'stubborn');
      await rolledBack(/start of b timeout: Killed start: it took longer than 4000 ms/);
      assert.ok(isGone(cluster, 'start', 'b'), 'nothing is left of the script');
    });

    await t.test('returning without having started anything: VERIFY_NEW does not see it', async () => {
      cluster.setMode('start', 'b', 'idle');
      await rolledBack(/the quorum did not see it up within 8000 ms of its start/);
      cluster.setMode('start', 'b', null);
    });
  });

  test('scripts that are odd but do their work, and proofs that cannot be had', async (t) => {
    await using cluster = await Cluster.create({ changes: CHANGES });
    await begin(cluster);

    await t.test('a start that forks and returns early is waited for by VERIFY_NEW', async () => {
      cluster.setMode('start', 'b', 'fork');
      const { code, stdout } = await cluster.oneup('switchover', SERVICE, '--to', 'b');
      assert.equal(code, 0, stdout);
      await cluster.settled('b');
      cluster.setMode('start', 'b', null);
    });

    await t.test('a script that prints 1 GB is read to its end and 4 KiB of it are kept', async () => {
      cluster.setMode('sync', 'a', 'flood');
      const { code, stdout } = await cluster.oneup('switchover', SERVICE, '--to', 'a');
      assert.equal(code, 0, stdout);
      await cluster.settled('a');
      const { journal } = await cluster.operation();
      const [result] = journal.filter((entry) => entry.text.startsWith('sync of a done'));
      const output = String(result?.evidence.output);
      assert.match(output, /oneup/);
      assert.ok(output.length <= EVIDENCE_MAX_CHARS, `the evidence holds ${output.length} characters`);
    });

    await t.test('no stop and no fence that proves anything: BLOCKED, exit code 9, and nothing starts', async () => {
      cluster.setMode('stop', 'a', 'fail');
      cluster.setMode('fence', 'a', 'idle');
      const starts = cluster.actions('begin start').length;
      const { code, stdout } = await cluster.oneup('switchover', SERVICE, '--to', 'b');
      assert.equal(code, 9, stdout);
      assert.match(
        stdout,
        /^Blocked by S17\.proof-missing: the fence ladder of a did not pass, last answer: The fence device says "on"/,
      );
      assert.match(stdout, /oneup confirm-down web --node a/);
      assert.equal(cluster.actions('begin start').length, starts);
      const { state, operation } = await cluster.service();
      assert.equal(state, 'blocked');
      assert.equal(operation?.blocked?.rule, 'S17.proof-missing');
    });

    await t.test('a word against what probers see is refused; once it is true, the operation goes on', async () => {
      const word = ['confirm-down', SERVICE, '--node', 'a', '--reason', 'I pulled its plug'];
      const refused = await cluster.oneup(...word);
      assert.equal(refused.code, 7, refused.stdout);
      assert.match(refused.stdout, /^Refused by S17\.still-answering: a answers as active, seen by p1/);
      // The ladder is tried again and again: a device that answers would prove it by itself before the word is given.
      cluster.setMode('confirm', 'a', 'fail');
      await waitUntil('the device to be silent', async () => {
        const { operation } = await cluster.service();
        return /does not answer/.test(operation?.blocked?.reason ?? '');
      });
      cluster.killInstance('a');
      await waitUntil('the probers to see it', async () => (await seenAnswering(cluster, 'a')) === 0);
      const given = await cluster.oneup(...word);
      assert.equal(given.code, 0, given.stdout);
      await cluster.settled('b');
      const operation = await cluster.operation();
      assert.equal(operation.outcome, 'done');
      assert.ok(operation.rules.includes('S17'));
      const texts = operation.journal.map((entry) => entry.text);
      assert.ok(
        texts.some((text) => /confirms that a is down: I pulled its plug/.test(text)),
        texts.join('; '),
      );
    });
  });

  test('the controller dies while a start script runs: the script is ended and nothing of it lands late', async () => {
    await using cluster = await Cluster.running({ changes: [[SHORT_START, SHORT_START.replace('20s', '2m')]] });
    cluster.setMode('start', 'b', 'held');
    await cluster.accepted({ kind: 'switchover', from: null, to: 'b', reason: 'a slow start' });
    const steps = () => cluster.actions('begin start b').map((line) => Number(line.split(' ')[4]));
    const [first = 0] = await waitUntil('the start script', () => steps().length > 0 && steps());
    const { prober, pid } = await waitUntil('the controller', async () => {
      const found = await cluster.controller();
      return found !== null && { prober: found, pid: cluster.prober(found).pid };
    });
    process.kill(pid, 'SIGKILL');
    await waitUntil(`another controller than ${prober} to start it`, () => steps().length > 1);
    // Whatever was not ended goes on from here.
    cluster.setMode('start', 'b', null);
    cluster.startDead();
    await cluster.settled('b');
    const last = Math.max(...steps());
    assert.ok(last > first, 'the new start has a higher step');
    const landed = cluster.actions('landed').map((line) => Number(line.split(' ')[4]));
    assert.deepEqual(landed, [last]);
    const between = cluster.actions('begin stop b').some((line) => {
      const step = Number(line.split(' ')[4]);
      return step > first && step < last;
    });
    assert.ok(between, 'what the first one may have left is stopped before the second');
  });
});

async function begin(cluster: Cluster): Promise<void> {
  for (const node of ['a', 'b']) symlinkSync('act.sh', cluster.path(`start-${node}`));
  await cluster.begin();
}

/** The last operation says why the target failed, and what to do is said by the node. */
async function assertFailure(cluster: Cluster, reason: RegExp): Promise<void> {
  const operation = await cluster.operation();
  assert.equal(operation.outcome, 'rolledBack');
  assert.ok(
    operation.journal.some((entry) => reason.test(entry.text)),
    `${reason} must be in ${operation.journal.map((entry) => entry.text).join('; ')}`,
  );
  const refused: CommandResult = await cluster.oneup('switchover', SERVICE, '--to', 'b');
  assert.equal(refused.code, 7, refused.stdout);
  assert.match(
    refused.stdout,
    /Refused by S36\.rejoin-needed: .*\nRemedy: Repair it, then run oneup rejoin web --node b/,
  );
}

function isGone(cluster: Cluster, action: string, node: NodeName): boolean {
  const pid = readFileSync(cluster.path(`script-${action}-${node}`), 'utf8').trim();
  return !existsSync(`/proc/${pid}`);
}

async function seenAnswering(cluster: Cluster, node: NodeName): Promise<number> {
  return (await cluster.service()).nodes.find((found) => found.node === node)?.answering.length ?? 0;
}
