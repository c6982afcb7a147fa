// The active's host is cut off from everybody, or its agent dies or stands still: its keeper ends the service before the standby
// is started, by nothing but the lease (S14 to S16). Both instants are read on one clock, and the smallest gap is printed.
// ONEUP_AGENT_RUNS says how often each is played [1].
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { untilAccepted } from '../e2e/support/until-accepted.ts';
import { waitUntil } from '../e2e/support/wait-until.ts';
import { AgentWorld } from './support/agent-world.ts';
import { NODES, type NodeName, PROBERS } from './support/hosts.ts';
import { untilStandby } from './support/mend-service.ts';
import { whyNoNamespaces } from './support/namespaces.ts';

const RUNS = Number(process.env.ONEUP_AGENT_RUNS ?? 1);
const LOOK_MS = 5;
const STARTED_MS = 60_000;
const QUIET_MS = 12_000;

type Harm = {
  readonly name: string;
  readonly begin: (world: AgentWorld, node: NodeName) => void | Promise<void>;
  readonly end: (world: AgentWorld, node: NodeName) => void;
};

const HARMS: readonly Harm[] = [
  {
    name: 'the host of the active is cut off with its agent',
    begin: (world, node) => world.network.isolate(node),
    end: (world) => world.network.heal(),
  },
  {
    name: 'the active sees its standby and none of the probers',
    begin: (world, node) => world.network.cut([node], PROBERS),
    end: (world) => world.network.heal(),
  },
  {
    name: 'the host of the active is cut off, and its agent is started again there',
    begin: async (world, node) => {
      world.network.isolate(node);
      await world.killAgent(node);
      world.startAgent(node);
    },
    end: (world) => world.network.heal(),
  },
  {
    name: 'the agent of the active stands still',
    begin: (world, node) => world.signalAgent(node, 'SIGSTOP'),
    end: (world, node) => world.signalAgent(node, 'SIGCONT'),
  },
  {
    name: 'the agent of the active is killed',
    begin: (world, node) => world.killAgent(node),
    end: (world, node) => world.startAgent(node),
  },
];

const reason = whyNoNamespaces();

describe('agents on a real network', { skip: reason ?? false }, () => {
  for (const harm of HARMS) {
    test(harm.name, async (t) => {
      await using world = await AgentWorld.running();
      const gaps: number[] = [];
      for (let run = 0; run < RUNS; run += 1) {
        const [from, to] = run % 2 === 0 ? NODES : ([NODES[1], NODES[0]] as const);
        gaps.push(await playRun(world, harm, { from, to }));
      }
      t.diagnostic(`${harm.name}: ${RUNS} runs, smallest gap ${Math.min(...gaps)} ms, gaps ${gaps.join(' ')}`);
    });
  }

  test('agent and keeper both stand still: nothing is started by a lease wait while the service answers', async (t) => {
    await using world = await AgentWorld.running();
    for (let run = 0; run < RUNS; run += 1) await playStandstill(world);
    t.diagnostic(`agent and keeper both stand still: ${RUNS} runs, blocked in each, nothing started`);
  });
});

async function playStandstill(world: AgentWorld): Promise<void> {
  const { active } = await world.service();
  const [from, to] = active === 'a' ? NODES : ([NODES[1], NODES[0]] as const);
  const keeper = world.keeperPid(from);
  process.kill(keeper, 'SIGSTOP');
  world.signalAgent(from, 'SIGSTOP');
  await untilAccepted('the move', () =>
    world.command({ kind: 'switchover', from, to, waitsForTtl: false, reason: 'test' }),
  );
  await sleep(QUIET_MS);
  await waitUntil('the operation to be blocked for want of a proof', async () => {
    const { operation } = await world.service();
    if (operation?.blocked?.rule.startsWith('S17.') === true) return true;
    throw new Error(JSON.stringify(operation));
  });
  assert.equal(world.instancePid(to), null);
  process.kill(keeper, 'SIGCONT');
  world.signalAgent(from, 'SIGCONT');
  await waitUntil('one of them to be active alone', async () => {
    const pids = NODES.map((node) => world.instancePid(node));
    return pids.filter((pid) => pid !== null).length === 1;
  });
  await world.mend();
}

/** Milliseconds from the end of the old instance to the beginning of the new one. */
async function playRun(world: AgentWorld, harm: Harm, { from, to }: Record<'from' | 'to', NodeName>): Promise<number> {
  const old = world.instancePid(from);
  assert.ok(old !== null, `${from} must run`);
  await harm.begin(world, from);
  const goneMs = untilGone(old);
  const startedMs = untilStarted(world, to);
  const gap = Math.round((await startedMs) - (await goneMs));
  if (gap <= 0) throw new Error(`${to} was started ${-gap} ms too early: ${JSON.stringify(await world.why())}`);
  await world.settled(to);
  harm.end(world, from);
  await untilStandby(world, from, 'test');
  await world.settled(to);
  return gap;
}

async function untilGone(pid: number): Promise<number> {
  while (isThere(pid)) await sleep(LOOK_MS);
  return performance.now();
}

/** Earlier than it could have done anything: its process is seen before it has loaded. */
async function untilStarted(world: AgentWorld, node: NodeName): Promise<number> {
  const until = performance.now() + STARTED_MS;
  while (performance.now() < until) {
    if (world.instancePid(node) !== null) return performance.now();
    await sleep(LOOK_MS);
  }
  throw new Error(`Cannot wait any longer for ${node} to be started: ${JSON.stringify(await world.service())}`);
}

/** A process that was killed and not yet asked for by its parent runs nothing any more. */
function isThere(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
