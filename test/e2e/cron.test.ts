// A real cron daemon with one crontab for two nodes: the command runs on the active one, and the standby stays quiet. The daemon
// gets files of its own by a mount namespace, so that nothing else of this machine is scheduled.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { AgentCluster, LONG_LEASE } from './support/agents.ts';
import { RUN_IF_ACTIVE } from './support/guarded-command.ts';
import { waitUntil } from './support/wait-until.ts';

/** cron looks once a minute. */
const TWO_MINUTES_MS = 130_000;
const CRON = '/usr/sbin/cron';
/** Runs in the namespace: the table is the only one that cron finds. */
const APART = `mount -t tmpfs none /etc/cron.d && mount -t tmpfs none /var/spool/cron && mkdir /var/spool/cron/crontabs &&
mount -t tmpfs none /run && mount --bind "$1" /etc/crontab`;

function apart(script: string, table: string): readonly string[] {
  return ['--mount', '--propagation', 'private', '--', 'sh', '-c', `${APART} && ${script}`, 'sh', table];
}

function findObstacle(table: string): string | null {
  if (process.getuid?.() !== 0) return 'only root runs a cron daemon';
  if (!existsSync(CRON)) return 'cron is not installed';
  const { status, stderr } = spawnSync('unshare', [...apart('true', table)], { encoding: 'utf8', timeout: 10_000 });
  return status === 0 ? null : `no mount namespace for its files: ${stderr}`;
}

function isWritten(path: string): boolean {
  return existsSync(path) && readFileSync(path, 'utf8').endsWith('\n');
}

class CronDaemon implements Disposable {
  readonly #child: ChildProcess;

  constructor(table: string) {
    this.#child = spawn('unshare', [...apart(`exec ${CRON} -f`, table)], { stdio: 'ignore' });
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL');
  }
}

test('a crontab that is the same on both nodes runs its command on the active one', async (t) => {
  await using agents = await AgentCluster.running([LONG_LEASE]);
  const { cluster } = agents;
  const table = cluster.path('crontab');
  const line = (node: string) => {
    const state = cluster.path(`agent-${node}/state.json`);
    const wrapped = `${process.execPath} ${RUN_IF_ACTIVE} --state ${state} --max-state-age 20s web`;
    const command = `sh -c 'echo "$ONEUP_NODE $(id -un)" >> ${cluster.path('ran')}'`;
    return `* * * * * root ${wrapped} -- ${command} 2>> ${cluster.path(`said-${node}`)}; echo $? >> ${cluster.path(`code-${node}`)}\n`;
  };
  writeFileSync(table, line('a') + line('b'), { mode: 0o600 });
  const obstacle = findObstacle(table);
  if (obstacle !== null) return t.skip(obstacle);
  using _daemon = new CronDaemon(table);
  const codes = ['code-a', 'code-b'].map((name) => cluster.path(name));
  await waitUntil('cron to have run both lines', () => codes.every(isWritten), TWO_MINUTES_MS);
  assert.equal(readFileSync(cluster.path('ran'), 'utf8'), 'a root\n');
  assert.deepEqual(
    codes.map((path) => readFileSync(path, 'utf8')),
    ['0\n', '10\n'],
  );
  assert.match(
    readFileSync(cluster.path('said-b'), 'utf8'),
    /^oneup run-if-active: web: not run: this node is stopped\n$/,
  );
});
