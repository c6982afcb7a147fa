// The tour of the README, letter by letter, on two real sshds on loopback: the blocks are taken out of the page, names of the
// example are replaced by the rule of support/tour-script.ts, and a shell runs them. The tour must show the host keys that the
// servers really have.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { REPOSITORY } from '../support/house/source-tree.ts';
import { freePorts } from '../support/servers/free-port.ts';
import { findSshd, type SshServer, startSshServer } from './support/ssh-server.ts';
import { type BlockRun, readTranscript, type TourWorld, tourBlocks, tourScript } from './support/tour-script.ts';

/** Several times what it takes on a machine with nothing else to do. */
const TOUR_MAX_MS = 240_000;
const ADDRESSES = { a: '127.0.0.31', b: '127.0.0.32' };

describe('the tour of the README', { timeout: TOUR_MAX_MS + 30_000 }, () => {
  test('brings a service up on two servers, survives a kill, and goes back', async (t) => {
    const sshd = findSshd();
    if (sshd === null) return t.skip('no sshd on this machine; install openssh-server');
    await using world = await makeWorld(sshd);
    const { runs, transcript } = await takeTour(world);
    for (const [index, run] of runs.entries()) assert.equal(run.exitCode, 0, `block ${index}:\n${transcript}`);
    const steps = [fingerprintsAreTheirs, clusterIsUp, startedOnA, movedToB, wentBack, cleanedUp];
    for (const check of steps) check(runs, world);
    assert.deepEqual(runningServices(world.tour), [], 'the tour cleans up after itself');
  });

  test('a block that fails is found: the transcript has its exit code', () => {
    const blocks = tourBlocks(
      '## A tour on your own two servers\n```sh\ntrue\n```\n```sh\n(exit 3)\n```\n## Next\n```sh\n(exit 4)\n```\n',
    );
    assert.equal(blocks.length, 2);
    const runs = readTranscript('===== begin 0\na\n===== end 0\n===== begin 1\nb\n===== end 3\n===== begin 2\nc\n');
    assert.deepEqual(
      runs.map(({ exitCode }) => exitCode),
      [0, 3, -1],
    );
  });
});

type World = AsyncDisposable & {
  readonly tour: TourWorld;
  readonly authorizedKeys: string;
  readonly servers: readonly SshServer[];
};

async function makeWorld(sshd: string): Promise<World> {
  const base = mkdtempSync(join(tmpdir(), 'oneup-tour-'));
  const [sshPort, httpPort, ...dns] = await freePorts(5);
  const authorizedKeys = join(base, 'authorized_keys');
  writeFileSync(authorizedKeys, '');
  const tour: TourWorld = {
    folder: join(base, 'tour'),
    serverFolder: join(base, 'servers'),
    addresses: ADDRESSES,
    user: userInfo().username,
    sshPort: sshPort ?? 0,
    httpPort: httpPort ?? 0,
    dnsPorts: [dns[0] ?? 0, dns[1] ?? 0, dns[2] ?? 0],
  };
  mkdirSync(tour.serverFolder);
  const servers: SshServer[] = [];
  for (const [name, address] of Object.entries(ADDRESSES)) {
    const options = { sshd, folder: join(base, `sshd-${name}`), address, port: tour.sshPort, authorizedKeys };
    servers.push(await startSshServer(options));
  }
  const dispose = async () => {
    for (const pid of runningServices(tour)) process.kill(pid, 'SIGKILL');
    for (const server of servers) await server[Symbol.asyncDispose]();
    rmSync(base, { recursive: true, force: true });
  };
  return { tour, authorizedKeys, servers, [Symbol.asyncDispose]: dispose };
}

async function takeTour({
  tour,
  authorizedKeys,
  servers,
}: World): Promise<{ runs: readonly BlockRun[]; transcript: string }> {
  const blocks = tourBlocks(readFileSync(join(REPOSITORY, 'README.md'), 'utf8'));
  const script = tourScript(blocks, tour, `cat id_ed25519.pub >> ${authorizedKeys}`);
  // A file and not standard input, which ssh would read away from the shell.
  const file = join(dirname(tour.folder), 'tour.sh');
  writeFileSync(file, script);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const path = [dirname(process.execPath), join(REPOSITORY, 'node_modules/.bin'), env.PATH].join(delimiter);
  const child = spawn('bash', [file], {
    cwd: REPOSITORY,
    env: { ...env, PATH: path },
    timeout: TOUR_MAX_MS,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let transcript = '';
  const keep = (text: string) => {
    transcript += text;
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  await once(child, 'close');
  const runs = readTranscript(transcript);
  const expected = blocks.filter(({ marks }) => !marks.some((mark) => mark.startsWith('file='))).length;
  const logs = servers.map((server) => server.log()).join('\n');
  assert.equal(runs.length, expected, `every block was run:\n${transcript}\n${logs}`);
  return { runs, transcript };
}

/** The output of the block in which `text` stands. */
function outputWith(runs: readonly BlockRun[], text: string): string {
  const found = runs.find(({ output }) => output.includes(text));
  assert.ok(found !== undefined, `no block printed ${text}:\n${runs.map(({ output }) => output).join('\n')}`);
  return found.output;
}

function fingerprintsAreTheirs(runs: readonly BlockRun[], { servers }: World): void {
  for (const { fingerprint } of servers) outputWith(runs, fingerprint);
}

function clusterIsUp(runs: readonly BlockRun[]): void {
  const output = outputWith(runs, 'is initialised, generation 1');
  assert.match(output, /oneup\.yaml is valid: 3 probers, 1 service,/);
  assert.match(output, /^Cluster tour, asked prober p\d, controller p\d, term \d+$/m);
}

function startedOnA(runs: readonly BlockRun[], { tour }: World): void {
  const output = outputWith(runs, 'a is active; DNS follows');
  assert.ok(output.split('\n').includes(tour.addresses.a), `DNS says a:\n${output}`);
  assert.match(output, /Failover of web now: a -> b/);
}

function movedToB(runs: readonly BlockRun[], { tour }: World): void {
  const output = outputWith(runs, 'automatic a -> b');
  assert.ok(output.split('\n').includes(tour.addresses.b), `DNS says b:\n${output}`);
  assert.match(output, /START_NEW .* ended with exit code 0/);
}

function wentBack(runs: readonly BlockRun[], { tour }: World): void {
  const output = outputWith(runs, 'refused, exit code 7');
  assert.match(output, /Refused by S36\.rejoin-needed/);
  assert.match(output, /rejoin done: node a is a standby again/);
  assert.match(output, /a is active; DNS follows/);
  assert.ok(output.split('\n').includes(tour.addresses.a), `DNS says a again:\n${output}`);
}

function cleanedUp(runs: readonly BlockRun[]): void {
  const { output } = runs.at(-1) ?? { output: '' };
  assert.match(output, /maintenance/);
  assert.doesNotMatch(output, /Refused|ONEUP_/);
}

/** Pids of the services of the tour that still run. */
function runningServices({ serverFolder }: TourWorld): readonly number[] {
  return readdirSync(serverFolder)
    .filter((name) => name.endsWith('.pid'))
    .map((name) => Number(readFileSync(join(serverFolder, name), 'utf8')))
    .filter((pid) => commandLine(pid).includes('http.server'));
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
