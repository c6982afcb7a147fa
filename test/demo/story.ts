// The story of the demo, step by step: what is done, what must be true after it, and what is shown. A wrong answer ends it
// with a sentence that names the answer.
import { setTimeout as delay } from 'node:timers/promises';
import type { StatusAnswer } from '../../src/cli/render-status.ts';
import type { OperationWhy, Why } from '../../src/controller/read-why.ts';
import type { DemoPlace, NodeName } from './demo-place.ts';
import type { CommandResult, DemoProcesses } from './demo-processes.ts';
import type { DnsWatch } from './dns-watch.ts';
import { showMs, type Terminal } from './terminal.ts';

/** Between two looks; each look at the cluster is a process of its own. */
const LOOK_MS = 200;
/** So many characters tell what a wait that was in vain has seen last. */
const SEEN_MAX = 2_000;

export type Scene = {
  readonly place: DemoPlace;
  readonly processes: DemoProcesses;
  readonly watch: DnsWatch;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
};

/** One operation of the story, for the timeline. */
export type Chapter = {
  readonly title: string;
  readonly operation: OperationWhy;
  /** When the active was killed; null when a command began it. */
  readonly killedWallMs: number | null;
  /** What DNS must say in the end. */
  readonly address: string;
};

/** What went wrong, in words for the person who runs the demo. */
export class WrongAnswer extends Error {}

export async function tellStory(scene: Scene): Promise<readonly Chapter[]> {
  const readyWallMs = await setUp(scene);
  const start = await moveTo(scene, 'a', {
    title: 'Start the service: a switchover from nowhere to a',
    args: ['switchover', 'web', '--to', 'a'],
  });
  const failover = await killActive(scene);
  await refuseFailback(scene);
  await rejoin(scene);
  const failback = await moveTo(scene, 'a', { title: 'Fail back, now that a is sound', args: ['failback', 'web'] });
  checkHistory(scene, readyWallMs, failover);
  return [start, failover, failback];
}

/** Returns since when every name server answers. */
async function setUp(scene: Scene): Promise<number> {
  const { place, processes, terminal } = scene;
  terminal.heading('Three probers, two nodes, one service');
  terminal.command('oneup init');
  must(await processes.oneup('init'), 0);
  for (const prober of place.probers) {
    terminal.command(`oneup run --prober ${prober}`);
    processes.startProber(prober);
  }
  const what = 'three voting probers and a controller';
  const ready = await until(scene, { what, look: () => statusOnceThere(processes), isThere: isReady });
  const servers = place.servers.map(({ name, port }) => `${name} at 127.0.0.1:${port}`).join(', ');
  terminal.rows([
    ['controller', `${ready?.cluster?.controller?.prober}, elected among the probers`],
    ['name servers', servers],
    ['node a', `${place.addresses.a}, preferred, stopped`],
    ['node b', `${place.addresses.b}, stopped`],
  ]);
  await expectAnswer(scene, null);
  return Date.now();
}

/** Null as long as no prober listens. */
async function statusOnceThere(processes: DemoProcesses): Promise<StatusAnswer | null> {
  const { exitCode, out } = await processes.oneup('status', '--json');
  return exitCode === 0 ? (JSON.parse(out) as StatusAnswer) : null;
}

function isReady(answer: StatusAnswer | null): boolean {
  const cluster = answer?.cluster ?? null;
  if (cluster === null || cluster.controller === null) return false;
  const isSeen = cluster.services.every((service) => service.nodes.every((node) => node.quorum === 'down'));
  return isSeen && cluster.probers.every((prober) => prober.isAlive);
}

async function moveTo(
  scene: Scene,
  node: NodeName,
  { title, args }: { readonly title: string; readonly args: readonly string[] },
): Promise<Chapter> {
  const { place, processes, terminal } = scene;
  terminal.heading(title);
  terminal.command(`oneup ${args.join(' ')}`);
  const command = processes.oneup(...args);
  const [result] = await Promise.all([command, showWait(scene, command)]);
  must(result, 0);
  terminal.line(result.out);
  await expectAnswer(scene, node);
  return { title: args.join(' '), operation: await ended(scene), killedWallMs: null, address: place.addresses[node] };
}

async function killActive(scene: Scene): Promise<Chapter> {
  const { place, processes, watch, terminal } = scene;
  terminal.heading('Kill the active');
  const address = place.addresses.b;
  const killedWallMs = Date.now();
  const pid = processes.killService('a');
  terminal.command(`kill -9 ${pid}`);
  terminal.line('nobody touches oneup now; three probers have to notice, agree and act');
  const reached = () => watch.reachedAll(address, killedWallMs);
  const moved = until(scene, { what: `${address} from every name server`, look: reached, isThere: isFound });
  const [movedWallMs] = await Promise.all([moved, showWait(scene, moved)]);
  await expectAnswer(scene, 'b');
  const took = showMs((movedWallMs ?? killedWallMs) - killedWallMs);
  terminal.line(terminal.strong(`from the kill to the new answer of every name server: ${took}`));
  return { title: 'automatic failover after kill -9', operation: await ended(scene), killedWallMs, address };
}

async function refuseFailback(scene: Scene): Promise<void> {
  const { processes, terminal } = scene;
  terminal.heading('Going back is a decision, and a has failed');
  terminal.command('oneup failback web');
  const refused = await processes.oneup('failback', 'web');
  must(refused, 7);
  if (!refused.out.includes('rejoin')) throw new WrongAnswer(`the refusal does not name rejoin: ${refused.out}`);
  for (const line of refused.out.split('\n')) terminal.line(line);
  await expectAnswer(scene, 'b');
}

async function rejoin(scene: Scene): Promise<void> {
  const { processes, terminal } = scene;
  terminal.heading('Somebody has repaired a and says so');
  terminal.command('oneup rejoin web --node a');
  const result = await processes.oneup('rejoin', 'web', '--node', 'a');
  must(result, 0);
  terminal.line(result.out);
  await expectAnswer(scene, 'b');
}

/** What `oneup status` says an operation waits for, while `work` is under way. */
async function showWait({ processes, terminal }: Scene, work: Promise<unknown>): Promise<void> {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  work.then(over, over);
  while (!isOver) {
    const { cluster } = await processes.ask<StatusAnswer>('status');
    const [service] = cluster?.services ?? [];
    const running = service?.operation ?? null;
    if (running === null) continue;
    terminal.line(
      terminal.faint(`oneup status: ${running.kind} is in ${running.phase} and waits for ${running.waitsFor}`),
    );
    return;
  }
}

/** Waits for the last operation's end and returns its account. */
async function ended(scene: Scene): Promise<OperationWhy> {
  const look = () => scene.processes.ask<Why>('why', 'web');
  const isThere = ({ operation }: Why) => operation !== null && operation.outcome !== 'running';
  const why = await until(scene, { what: 'the end of the operation', look, isThere });
  const { operation } = why;
  if (operation?.outcome !== 'done')
    throw new WrongAnswer(`the operation ended as ${operation?.outcome}: ${why.summary}`);
  return operation;
}

/** Every name server gives this node's address, and who answers there is this node. */
async function expectAnswer(scene: Scene, node: NodeName | null): Promise<void> {
  const { place, watch, terminal } = scene;
  const expected = node === null ? 'none' : place.addresses[node];
  const isThere = (answers: ReadonlyMap<string, string>) => [...answers.values()].every((told) => told === expected);
  const look = () => watch.now();
  await until(scene, { what: `${expected} from every name server`, look, isThere }).catch((error: unknown) => {
    if (!(error instanceof WrongAnswer)) throw error;
    const answers = [...watch.now()].map(([prober, answer]) => `${prober} says ${answer}`).join(', ');
    throw new WrongAnswer(`wrong answer: expected ${expected}, ${answers}`);
  });
  const told = [...watch.now()].map(([prober, answer]) => `${prober} ${answer}`).join('   ');
  const served = node === null ? '' : `   http://${expected} says ${await askService(place, node)}`;
  terminal.line(`${terminal.good('right')}   DNS: ${told}${served}`);
}

async function askService({ addresses, httpPort }: DemoPlace, node: NodeName): Promise<string> {
  const response = await fetch(`http://${addresses[node]}:${httpPort}/`).catch(() => null);
  const text = response === null ? 'nothing' : (await response.text()).trim();
  if (text !== node)
    throw new WrongAnswer(`wrong answer: the service at ${addresses[node]} says ${text}, expected ${node}`);
  return text;
}

/**
 * Since all of them answer: nothing else was ever said, and the new address only after its node was verified. What a client
 * makes of a server that does not listen yet says nothing about that server.
 */
function checkHistory({ place, watch }: Scene, readyWallMs: number, failover: Chapter): void {
  const { a, b } = place.addresses;
  for (const [prober, seen] of watch.changes()) {
    const ready = seen.findLastIndex(({ wallMs }) => wallMs <= readyWallMs);
    const story = seen
      .slice(ready)
      .map(({ answer }) => answer)
      .join(' -> ');
    const expected = ['none', a, b, a].join(' -> ');
    if (story !== expected) throw new WrongAnswer(`wrong answers of ${prober}: ${story}, expected ${expected}`);
  }
  const verified = failover.operation.journal.findLast(
    (entry) => entry.phase === 'VERIFY_NEW' && entry.kind === 'RESULT',
  );
  const first = Math.min(
    ...[...watch.changes().values()].map((seen) => seen.find(({ answer }) => answer === b)?.wallMs ?? 0),
  );
  if (verified === undefined || first < verified.wallMs)
    throw new WrongAnswer(`wrong answer: ${b} was answered before node b was verified`);
}

function must({ exitCode, out, err }: CommandResult, expected: number): void {
  if (exitCode !== expected) throw new WrongAnswer(`exit code ${exitCode} instead of ${expected}: ${err || out}`);
}

function isFound(found: number | null): boolean {
  return found !== null;
}

type Wait<T> = {
  readonly what: string;
  readonly look: () => T | Promise<T>;
  readonly isThere: (found: T) => boolean;
};

async function until<T>({ place, signal }: Scene, { what, look, isThere }: Wait<T>): Promise<T> {
  let seen = 'nothing';
  for (const started = performance.now(); performance.now() - started < place.patienceMs; ) {
    const found = await look();
    if (isThere(found)) return found;
    seen = `${JSON.stringify(found)}`.slice(0, SEEN_MAX);
    await delay(LOOK_MS, null, { signal });
  }
  throw new WrongAnswer(`waited ${place.patienceMs / 1_000} s in vain for ${what}; seen last: ${seen}`);
}
