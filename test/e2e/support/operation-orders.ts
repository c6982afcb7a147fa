// Stories of orders to a running operation, told through the real command line: who wins, what is undone, what is refused.
import assert from 'node:assert/strict';
import type { Incident } from '../../../src/controller/read-incident.ts';
import type { Cluster } from './cluster.ts';
import { type NodeName, SERVICE } from './cluster-files.ts';
import { askedAgain, expectExit, jsonOf } from './expect-exit.ts';
import type { CommandResult } from './run-oneup.ts';
import { waitUntil } from './wait-until.ts';

export async function twoOperators(cluster: Cluster): Promise<void> {
  cluster.setMode('drain', 'a', 'held');
  const both = ['ann', 'ben'].map((reason) =>
    askedAgain(cluster, 'switchover', SERVICE, '--to', 'b', '--reason', reason),
  );
  const loser = await Promise.race(both);
  cluster.setMode('drain', 'a', null);
  assert.equal(loser.code, 7, loser.stdout);
  assert.match(loser.stdout, /Refused by S10\.one-operation: operation \S+ \(switchover by \S+\) is in phase/);
  const codes = (await Promise.all(both)).map(({ code }) => code);
  assert.deepEqual(codes.sort(), [0, 7]);
  await cluster.settled('b');
}

export async function abort(cluster: Cluster): Promise<void> {
  const none = await expectExit(cluster, 7, 'abort', SERVICE, '--reason', 'nothing runs');
  assert.match(none, /Refused by S10\.operation-differs: no operation of web is running/);
  const { moved } = await holdIn(cluster, 'drain', 'b');
  const [stops, running] = [cluster.actions('begin stop').length, await runningOp(cluster)];
  const wrong = await expectExit(cluster, 7, 'abort', SERVICE, '--op', 'another', '--reason', 'mine');
  assert.match(wrong, new RegExp(`Refused by S10\\.operation-differs: operation ${running} by`));
  const aborting = cluster.oneup('abort', SERVICE, '--reason', 'wrong node');
  await untilNoted(cluster, 'asks for abort: wrong node');
  cluster.setMode('drain', 'b', null);
  const aborted = await aborting;
  assert.deepEqual([aborted.code, (await moved).code], [0, 8], aborted.stdout + aborted.stderr);
  assert.match(aborted.stderr, new RegExp(`^Operation ${running}: switchover b -> a`), 'shown before it is changed');
  assert.match(aborted.stdout, /switchover aborted: aborted by .*: wrong node/);
  assert.equal(cluster.actions('begin undrain b').length, 1);
  assert.equal(cluster.actions('begin stop').length, stops, 'nothing was stopped');
  await cluster.settled('b');
}

export async function rollback(cluster: Cluster): Promise<void> {
  const { moved } = await holdIn(cluster, 'start', 'a');
  const op = ['--op', await runningOp(cluster)];
  const late = await expectExit(cluster, 7, 'abort', SERVICE, ...op, '--reason', 'too late');
  assert.match(late, /Refused by S34\.past-return: .*\nRemedy: .*oneup rollback web --op/);
  const rolling = cluster.oneup('rollback', SERVICE, ...op, '--reason', 'a is too slow');
  await untilNoted(cluster, 'asks for rollback: a is too slow');
  cluster.setMode('start', 'a', null);
  const back = await rolling;
  assert.deepEqual([back.code, (await moved).code], [0, 8], back.stdout + back.stderr);
  await cluster.settled('b');
  const [ended] = await cluster.history();
  assert.deepEqual([ended?.outcome, ended?.op.rollback], ['rolledBack', true]);
}

/** Node a failed in the rollback. */
export async function incident(cluster: Cluster): Promise<void> {
  const node = ['--node', 'a'];
  const open = await jsonOf<Incident>(cluster, 'incident', SERVICE, ...node);
  assert.deepEqual([open.stage, open.operation?.outcome, open.failures], ['failed', 'rolledBack', 1]);
  assert.ok(open.journal.some(({ text }) => text.startsWith('Start a')) && open.why.includes('a is too slow'));
  const cause = ['--root-cause', 'the disk was full'];
  await expectExit(cluster, 0, 'repair', SERVICE, ...node, '--reason', 'new disk', ...cause);
  const text = await expectExit(cluster, 0, 'incident', SERVICE, ...node);
  assert.match(
    text,
    /Node a of web: repairing[\s\S]*root cause: the disk was full[\s\S]*next: .*oneup rejoin web --node a/,
  );
  assert.match(await expectExit(cluster, 0, 'status'), /repairing by \S+: .*a is too slow.*; 1 of \d+ failures/);
  await expectExit(cluster, 0, 'rejoin', SERVICE, ...node);
  const [back] = await jsonOf<readonly Incident[]>(cluster, 'incident', SERVICE);
  assert.deepEqual([back?.node, back?.stage, back?.opId], ['a', 'back', open.opId]);
  await expectExit(cluster, 0, 'clear-failures', SERVICE, ...node);
  assert.equal((await cluster.service()).nodes[0]?.failures.count, 0);
}

export async function frozenOperation(cluster: Cluster): Promise<void> {
  const { moved } = await holdIn(cluster, 'drain', 'b');
  await expectExit(cluster, 0, 'freeze', 'on', SERVICE, '--reason', 'the network moves');
  cluster.setMode('drain', 'b', null);
  const blocked = await moved;
  assert.equal(blocked.code, 9, blocked.stdout);
  assert.match(
    blocked.stdout,
    /Blocked by S35\.frozen: .*the network moves\nRemedy: Release it with oneup freeze off web/,
  );
  assert.match(await expectExit(cluster, 7, 'continue', SERVICE, '--reason', 'go'), /Refused by S35\.frozen/);
  assert.match(await expectExit(cluster, 0, 'ack', SERVICE, '--reason', 'I know'), /1 alerts acknowledged/);
  const [alert] = (await cluster.service()).alerts;
  assert.deepEqual([alert?.refusal.rule, alert?.ackedBy === null], ['S35.frozen', false]);
  await expectExit(cluster, 0, 'freeze', 'off', '--all');
  await cluster.settled('a');
  await waitUntil('the alert to end', async () => (await cluster.service()).alerts.length === 0);
}

export async function liveDrill(cluster: Cluster): Promise<void> {
  const { epoch } = await cluster.service();
  const text = await expectExit(cluster, 0, 'drill', SERVICE, '--live', '--to', 'b', '--hold', '1s');
  assert.match(text, /b is active[;,] .*comes back by itself after 1s/);
  const drilled = await waitUntil('both ways of the drill', async () => {
    const found = (await cluster.history()).filter(({ op }) => op.kind === 'drill');
    return found.length === 2 ? found : null;
  });
  assert.deepEqual(
    drilled.map(({ op, outcome }) => `${op.from} ${op.to} ${outcome}`),
    ['b a done', 'a b done'],
  );
  assert.equal((await cluster.settled('a')).epoch, epoch + 2);
}

/** Well above opMaxAge of that cluster. */
const PAUSE_MAX_MS = 45_000;

/** It waits for a proof that does not come, until it is too old to wait in silence. */
export async function continueAfterPause(cluster: Cluster): Promise<void> {
  cluster.setMode('stop', 'a', 'fail');
  cluster.setMode('fence', 'a', 'idle');
  const blocked = await expectExit(cluster, 9, 'switchover', SERVICE, '--to', 'b');
  assert.match(blocked, /^Blocked by S\S+: .*\nRemedy: .*oneup confirm-down web --node a/);
  const opId = await runningOp(cluster);
  const isPaused = async () => (await cluster.service()).operation?.blocked?.rule === 'S34.operation-too-old';
  await waitUntil('its age to pause it', isPaused, PAUSE_MAX_MS);
  cluster.setMode('stop', 'a', null);
  cluster.setMode('fence', 'a', null);
  await expectExit(cluster, 0, 'continue', SERVICE, '--op', opId, '--reason', 'I have looked');
  await cluster.settled('b');
  const [ended] = await cluster.history();
  assert.deepEqual([ended?.op.opId, ended?.outcome], [opId, 'done']);
}

/** A switchover to a that stands still in a script of the node until its mode is taken back. */
async function holdIn(
  cluster: Cluster,
  action: 'drain' | 'start',
  node: NodeName,
): Promise<{ readonly moved: Promise<CommandResult> }> {
  const line = `begin ${action} ${node}`;
  const before = cluster.actions(line).length;
  cluster.setMode(action, node, 'held');
  const moved = askedAgain(cluster, 'switchover', SERVICE, '--to', 'a');
  await waitUntil(`the ${action}`, () => cluster.actions(line).length > before);
  return { moved };
}

function runningOp(cluster: Cluster): Promise<string> {
  // The prober that is asked may hear of it when its script runs already.
  return waitUntil('an operation to be running', async () => (await cluster.service()).operation?.opId ?? null);
}

async function untilNoted(cluster: Cluster, text: string): Promise<void> {
  await waitUntil(`the journal to say ${text}`, async () =>
    (await cluster.operation()).journal.some((entry) => entry.text.includes(text)),
  );
}
