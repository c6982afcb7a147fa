// The recipes that stop a node's processes or cut its packets, on real ones: through a real sshd, and with nftables on a router
// between two network namespaces. Not off before, off after, unknown when the machine to be asked is gone (S18).
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { FenceLevelConfig } from '../../src/config/config.ts';
import { addNamespace, inNamespace, namespaceOf, removeNamespace, whyNoNamespaces } from '../net/support/namespaces.ts';
import { runProgram } from '../net/support/run-program.ts';
import { openExecBench } from '../support/exec-bench.ts';
import { expectFenced, expectState } from '../support/expect-fence.ts';
import { RECIPES, recipeLevel } from '../support/fencing-recipe.ts';
import { openSshWorld, sshAction } from '../support/ssh-bench.ts';

const IS_ROOT = process.getuid?.() === 0;
/** A number that no user of a usual machine has, one for each run. */
const SERVICE_UID = 400_000 + (process.pid % 100_000);

describe('fence on hosts', () => {
  test('ssh-stop: every process of the service user is ended, also a stubborn one that left its group', async (t) => {
    if (!IS_ROOT) return t.skip('processes of another user need root');
    const world = await openSshWorld();
    if (world === null) return t.skip('needs sshd');
    await using stack = new AsyncDisposableStack();
    stack.use(world);
    const bench = stack.use(await world.open());
    // The service stands in a folder of its own, as on a node: those of developers are closed to other users.
    const script = join(world.folder, 'user-processes.sh');
    copyFileSync(join(RECIPES, 'user-processes.sh'), script);
    const level = recipeLevel('ssh-stop.yaml', [[', web]', `, "${SERVICE_UID}"]`]]);
    const target = { ...world.target, stateDir: join(bench.directory, 'state') };
    bench.actions.fence = [onTarget(level, (argv) => sshAction(target, [script, ...argv.slice(1)], 20_000))];
    const service = await startService(stack);

    await t.test('not off before', () => expectState(bench, 'notOff', /"running"/));
    await t.test('off after', async () => {
      await expectFenced(bench, 1);
      await service.exited;
      await expectState(bench, 'off', /"stopped"/);
    });
    await t.test('unknown where pgrep is another one that cannot tell', () => {
      // It ends with 1, as the right one does when there is no process.
      writeFileSync(join(bench.directory, 'pgrep'), '#!/bin/sh\necho "pgrep: invalid option -- r" >&2\nexit 1\n');
      chmodSync(join(bench.directory, 'pgrep'), 0o755);
      const env = { PATH: `${bench.directory}:${process.env.PATH ?? ''}` };
      const { status, stdout } = spawnSync(script, ['state', String(SERVICE_UID)], { encoding: 'utf8', env });
      assert.deepEqual([status, stdout], [1, '']);
    });
    await t.test('unknown when nobody answers at the node', async () => {
      await world.server[Symbol.asyncDispose]();
      await expectState(bench, 'error', /Connection refused/);
    });
  });

  test('nftables-drop: nothing passes the router from or to the node', async (t) => {
    const reason = whyNoNamespaces();
    if (reason !== null) return t.skip(reason);
    await using stack = new AsyncDisposableStack();
    buildRouter(stack);
    const bench = stack.use(await openExecBench());
    const level = recipeLevel('nftables-drop.yaml', [['"{address}"', NODE]]);
    const through = (router: string) =>
      onTarget(level, (argv) => {
        const [file, words] = inNamespace(router, argv);
        return { driver: 'exec', timeoutMs: 10_000, command: { argv: [file, ...words], env: [], cwd: null } };
      });
    bench.actions.fence = [through('fence-router')];

    await t.test('not off before', async () => {
      await expectState(bench, 'notOff', /"open"/);
      assert.ok(canReach('fence-client', NODE) && canReach('fence-node', CLIENT), 'the network is there');
    });
    await t.test('off after, and only this node', async () => {
      await expectFenced(bench, 1);
      assert.ok(!canReach('fence-client', NODE) && !canReach('fence-node', CLIENT));
      assert.ok(!canReach('fence-router', NODE), 'the router itself has no way either');
      assert.ok(canReach('fence-client', ROUTER_AT_CLIENT), 'others still pass');
      await expectState(bench, 'off', /"isolated"/);
      await expectFenced(bench, 2);
    });
    await t.test('an address without the rules is not off', async () => {
      runIn('fence-router', 'nft', 'flush', 'chain', 'inet', 'oneup_fence', 'leaving');
      await expectState(bench, 'notOff', /"open"/);
      await expectFenced(bench, 3);
    });
    await t.test('open again after release', async () => {
      runIn('fence-router', join(RECIPES, 'nftables-drop.sh'), 'release', NODE);
      await expectState(bench, 'notOff', /"open"/);
      assert.ok(canReach('fence-client', NODE));
    });
    await t.test('an IPv6 address by itself', () => {
      const run = (word: string) =>
        runIn('fence-router', join(RECIPES, 'nftables-drop.sh'), word, '2001:db8::21').trim();
      assert.deepEqual([run('state'), run('fence'), run('state')], ['open', '', 'isolated']);
    });
    await t.test('unknown without a router, or without the right to ask it', async () => {
      bench.actions.fence = [through('fence-nowhere')];
      await expectState(bench, 'error', /Cannot open network namespace/);
      const [asNobody, words] = ['setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups']] as const;
      const state = ['sh', '-s', 'state', NODE];
      const { status, stdout } = spawnSync(asNobody, [...words, ...state], {
        ...{ encoding: 'utf8', timeout: 10_000 },
        input: `${runProgram('cat', [join(RECIPES, 'nftables-drop.sh')])}`,
      });
      assert.deepEqual([status, stdout], [1, '']);
    });
  });
});

type Action = FenceLevelConfig['act'];

/** The recipe with its machine replaced by one of the test; words, states and times are those of the recipe. */
function onTarget({ act, confirm }: FenceLevelConfig, place: (argv: readonly string[]) => Action): FenceLevelConfig {
  assert.ok(act.driver === 'ssh' && confirm?.query.driver === 'ssh');
  const query = { ...place(confirm.query.command.argv), timeoutMs: confirm.query.timeoutMs };
  return { act: { ...place(act.command.argv), timeoutMs: act.timeoutMs }, confirm: { ...confirm, query } };
}

/** Ignores SIGTERM, and has a child in a session of its own. */
async function startService(stack: AsyncDisposableStack): Promise<{ readonly exited: Promise<unknown> }> {
  const text = 'trap "" TERM; setsid sleep 300 & echo ready; while :; do sleep 1; done';
  const child: ChildProcess = spawn('sh', ['-c', text], { uid: SERVICE_UID, gid: SERVICE_UID, cwd: '/' });
  const exited = once(child, 'exit');
  stack.defer(() => {
    child.kill('SIGKILL');
    spawnSync('pkill', ['-KILL', '-U', String(SERVICE_UID)]);
  });
  assert.ok(child.stdout !== null);
  await once(child.stdout, 'data');
  return { exited };
}

const [CLIENT, ROUTER_AT_CLIENT, ROUTER_AT_NODE, NODE] = ['10.79.1.2', '10.79.1.1', '10.79.2.1', '10.79.2.2'];

/** client - router - node, each in a namespace of its own. */
function buildRouter(stack: AsyncDisposableStack): void {
  for (const host of ['fence-client', 'fence-router', 'fence-node']) {
    addNamespace(host);
    stack.defer(() => removeNamespace(host));
  }
  cable(['fence-client', CLIENT], ['fence-router', ROUTER_AT_CLIENT]);
  cable(['fence-node', NODE], ['fence-router', ROUTER_AT_NODE]);
  runIn('fence-client', 'ip', 'route', 'add', 'default', 'via', ROUTER_AT_CLIENT);
  runIn('fence-node', 'ip', 'route', 'add', 'default', 'via', ROUTER_AT_NODE);
  runIn('fence-router', 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
}

type End = readonly [host: string, address: string];

function cable([host, address]: End, [router, gateway]: End): void {
  const port = host.replace('fence-', 'to-');
  const peer = ['peer', 'name', port, 'netns', namespaceOf(router)];
  runProgram('ip', ['-n', namespaceOf(host), 'link', 'add', 'eth0', 'type', 'veth', ...peer]);
  runIn(host, 'ip', 'address', 'add', `${address}/24`, 'dev', 'eth0');
  runIn(host, 'ip', 'link', 'set', 'eth0', 'up');
  runIn(router, 'ip', 'address', 'add', `${gateway}/24`, 'dev', port);
  runIn(router, 'ip', 'link', 'set', port, 'up');
}

function runIn(host: string, ...argv: readonly string[]): string {
  return runProgram(...inNamespace(host, argv));
}

function canReach(host: string, address: string): boolean {
  const [file, words] = inNamespace(host, ['ping', '-c', '2', '-i', '0.2', '-W', '2', address]);
  return spawnSync(file, words, { timeout: 20_000 }).status === 0;
}
