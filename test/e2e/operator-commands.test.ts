// What operators do beside moving a service, through the real command line on a live cluster: drills, holds, orders to a running
// operation, schedules, incidents and saved plans, with the refusals that name their rule.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { Plan } from '../../src/controller/read-plan.ts';
import type { Why } from '../../src/controller/read-why.ts';
import { Cluster } from './support/cluster.ts';
import { SERVICE } from './support/cluster-files.ts';
import { doneOnce } from './support/done-once.ts';
import { expectExit, jsonOf } from './support/expect-exit.ts';
import {
  abort,
  continueAfterPause,
  frozenOperation,
  incident,
  liveDrill,
  rollback,
  twoOperators,
} from './support/operation-orders.ts';
import { waitUntil } from './support/wait-until.ts';

const GATES = [
  '    failover: {',
  '    safety: { gates: [window] }\n    restart: { attempts: 1 }\n    failover: {',
] as const;
const CHANNELS = `alerts:
  channels:
    mail: { exec: { command: [sh, -c, 'echo "$ONEUP_ALERT_JSON" >> told.log'] } }
    pager: { exec: { command: ["false"] } }
dns:
`;
const ACT = '{ exec: { command: [./act.sh] }, timeout:';
/** Scripts that are `held` wait until the test lets them go on, however slow the machine is. */
const PATIENT = [
  [`drain: ${ACT} 15s`, `drain: ${ACT} 60s`],
  [`start: ${ACT} 20s`, `start: ${ACT} 60s`],
] as const;
/** As short as the time limits of all steps together allow. */
const SOON_TOO_OLD = [
  [`start: ${ACT} 20s`, `start: ${ACT} 3s`],
  ...['stop', 'sync', 'precheck'].map((action) => [`${action}: ${ACT} 15s`, `${action}: ${ACT} 2s`] as const),
  ['timeout: 5s', 'timeout: 1500ms'],
  ['verifyTimeout: 20s', 'verifyTimeout: 3s, contactTimeout: 500ms, opMaxAge: 25s'],
] as const;

describe('operator commands', { concurrency: 3 }, () => {
  test('plans, drills, gates, schedules', async (t) => {
    await using cluster = await Cluster.running({ changes: [GATES] });
    await t.test('a saved plan says the same without any prober', () => savedPlan(cluster));
    await t.test('drill: on paper, and by asking', () => drills(cluster));
    await t.test('a closed gate holds moves, and a forced one that names it goes on', () => gates(cluster));
    await t.test('a switchover at a time', () => schedules(cluster));
    await t.test('a killed active is restarted in place under the same epoch', () => restartInPlace(cluster));
    await t.test('one request through two probers, and after its controller died, is done once', () =>
      doneOnce(cluster),
    );
  });

  test('orders to a running operation, and the way back of a failed node', async (t) => {
    await using cluster = await Cluster.running({ changes: PATIENT });
    await t.test('of two operators one wins, and the other is told by whom', () => twoOperators(cluster));
    await t.test('abort during a drain undoes it', () => abort(cluster));
    await t.test('rollback once a node is stopped, when abort comes too late', () => rollback(cluster));
    await t.test('the incident of the failed node until it is back', () => incident(cluster));
    await t.test('a frozen operation stands still, is acknowledged, and goes on', () => frozenOperation(cluster));
    await t.test('a live drill moves and comes back', () => liveDrill(cluster));
  });

  test('holds, alerts and age', async (t) => {
    await using cluster = await Cluster.running({ changes: [...SOON_TOO_OLD, ['dns:\n', CHANNELS]] });
    await t.test('a test alert goes to every channel, and a bad one is named', () => testAlerts(cluster));
    await t.test('freeze and maintenance of every service', () => everyService(cluster));
    await t.test('an operation that is paused for its age goes on by a word', () => continueAfterPause(cluster));
  });
});

async function savedPlan(cluster: Cluster): Promise<void> {
  // Any prober tells what the controller heard from the standby.
  await waitUntil('the precheck of b', async () => {
    return (await jsonOf<Plan>(cluster, 'plan', SERVICE)).standbys[0]?.ready === 'yes';
  });
  const now = await jsonOf<Plan>(cluster, 'plan', SERVICE, '--save', 'plan.json');
  assert.equal(now.candidates.scores[0]?.node, 'b');
  assert.equal(statSync(cluster.path('plan.json')).mode & 0o777, 0o600);
  assert.match(await expectExit(cluster, 1, 'plan', SERVICE, '--save', 'plan.json'), /exists already/);
  assert.deepEqual(await jsonOf<Plan>(cluster, 'simulate', '--snapshot', 'plan.json'), now);
  const text = await expectExit(cluster, 0, 'plan', SERVICE, '--snapshot', 'plan.json');
  assert.match(
    text,
    /node +ready +priority +lag[\s\S]* b +yes[\s\S]*Standbys[\s\S]* b +ready +for .*, asked every [\s\S]*TTL_LOWER[\s\S]*DRAIN +at most 15s/,
  );
}

async function drills(cluster: Cluster): Promise<void> {
  assert.match(await expectExit(cluster, 0, 'drill', SERVICE), /Failover of web now: a -> b/);
  const before = cluster.actions().length;
  assert.match(await expectExit(cluster, 0, 'drill', SERVICE, '--check'), /good +fence level 1 of b/);
  cluster.setMode('precheck', 'b', 'fail');
  assert.match(await expectExit(cluster, 8, 'drill', SERVICE, '--check'), /BAD +precheck of b/);
  cluster.setMode('precheck', 'b', null);
  assert.equal(cluster.actions().length, before, 'nothing was done');
}

async function testAlerts(cluster: Cluster): Promise<void> {
  assert.match(await expectExit(cluster, 1, 'test-alert'), /mail +sent[\s\S]*pager +failed/);
  assert.match(readFileSync(cluster.path('told.log'), 'utf8'), /"state":"test"/);
  assert.match(await expectExit(cluster, 1, 'test-alert', 'smoke'), /the channels are mail, pager, value was smoke/);
}

async function gates(cluster: Cluster): Promise<void> {
  assert.match(await expectExit(cluster, 7, 'gate', 'close', SERVICE, 'door', '--reason', 'x'), /gate\.unknown/);
  await expectExit(cluster, 0, 'gate', 'close', SERVICE, 'window', '--reason', 'month end');
  const held = await expectExit(cluster, 7, 'failover', SERVICE, '--to', 'b', '--reason', 'smoke');
  assert.match(held, /Refused by gate\.closed: .*month end\nRemedy: .*--override gate\.closed/);
  const why = await jsonOf<Why>(cluster, 'why', SERVICE);
  assert.deepEqual(
    why.holds.map(({ rule }) => rule),
    ['gate.closed'],
  );
  const words = ['--override', 'gate,lag', '--override', 'S36.cooldown'];
  await expectExit(cluster, 0, 'failover', SERVICE, '--to', 'b', '--reason', 'smoke', ...words);
  await cluster.settled('b');
  const [moved] = await cluster.history();
  assert.deepEqual(
    [moved?.op.kind, moved?.op.overrides],
    ['forced', ['S36.cooldown', 'candidate.lagging', 'gate.closed']],
  );
  await expectExit(cluster, 0, 'gate', 'open', SERVICE, 'window', '--reason', 'closed the books');
}

async function everyService(cluster: Cluster): Promise<void> {
  assert.match(await expectExit(cluster, 0, 'freeze', 'on', '--all', '--reason', 'tonight'), /^web: frozen/);
  assert.match(await expectExit(cluster, 0, 'status'), /frozen by .*: tonight; release it with oneup freeze off web/);
  await expectExit(cluster, 0, 'freeze', 'off', SERVICE);
  await expectExit(cluster, 0, 'maintenance', 'on', '--all', '--reason', 'new switch', '--for', '1h');
  assert.match(
    await expectExit(cluster, 0, 'why', SERVICE),
    /held by S35\.maintenance: .*\n +remedy: .*maintenance off web/,
  );
  const ended = await jsonOf<readonly { service: string; exitCode: number }[]>(cluster, 'maintenance', 'off', '--all');
  assert.deepEqual(
    ended.map(({ service, exitCode }) => `${service} ${exitCode}`),
    ['web 0'],
  );
  assert.match(await expectExit(cluster, 7, 'maintenance', 'off', '--all'), /^web: Refused by maintenance\.not-set/);
  await cluster.settled('a');
}

/** Far enough ahead for a command line that starts slowly. */
const AHEAD_MS = 20_000;

async function schedules(cluster: Cluster): Promise<void> {
  assert.match(await expectExit(cluster, 0, 'switchover', SERVICE, '--at', '02:30'), /T02:30:00\.000Z \(UTC, in /);
  assert.match(await expectExit(cluster, 7, 'switchover', SERVICE, '--at', '30 2 * * 0'), /schedule\.one-only/);
  assert.match(await expectExit(cluster, 0, 'status'), /switchover to the best candidate scheduled by .*T02:30:00Z/);
  await expectExit(cluster, 0, 'switchover', SERVICE, '--cancel');
  const at = new Date(Date.now() + AHEAD_MS).toISOString();
  await expectExit(cluster, 0, 'switchover', SERVICE, '--to', 'a', '--at', at, '--reason', 'by night');
  await cluster.settled('a');
  const [moved] = await cluster.history();
  assert.equal(moved?.op.reason, 'by night');
  assert.ok((moved?.op.startedWallMs ?? 0) >= Date.parse(at), 'not before its time');
}

async function restartInPlace(cluster: Cluster): Promise<void> {
  const { epoch } = await cluster.service();
  cluster.killInstance('a');
  const ended = await waitUntil('the restart', async () => {
    return (await cluster.history()).find(({ op }) => op.kind === 'restart') ?? null;
  });
  assert.equal(ended.outcome, 'done');
  const status = await cluster.settled('a');
  assert.deepEqual([status.epoch, status.restarts.used], [epoch, 1]);
  assert.match(await expectExit(cluster, 0, 'status'), /1 of 1 restarts in place are used/);
}
