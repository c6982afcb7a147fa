// The active's host is cut off, nothing holds a lease there, and the fence device does not answer: the operation is blocked and
// starts nothing, however long it takes, until a person says that the node is down (S17, S20). ONEUP_AGENT_RUNS says how often [1].
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitUntil } from '../e2e/support/wait-until.ts';
import { NODES, type NodeName, PROBERS } from './support/hosts.ts';
import { untilStandby } from './support/mend-service.ts';
import { whyNoNamespaces } from './support/namespaces.ts';
import { NetWorld } from './support/net-world.ts';
import { formatVerdict, judge } from './support/play-scenario.ts';
import { lasts } from './support/roles.ts';

const RUNS = Number(process.env.ONEUP_AGENT_RUNS ?? 1);
const BLOCKED_MS = 60_000;
/** Longer than a session, a contact and a lease would take. */
const QUIET_MS = 6_000;
const NAME = 'no agent and a ladder that fails: blocked, nothing started, until confirm-down';

const reason = whyNoNamespaces();

test(NAME, { skip: reason ?? false }, async (t) => {
  await using world = await NetWorld.running();
  for (let run = 0; run < RUNS; run += 1) {
    const [from, to] = run % 2 === 0 ? NODES : ([NODES[1], NODES[0]] as const);
    await playRun(world, from, to);
  }
  const verdict = await judge(world);
  assert.deepEqual(verdict.violations, []);
  t.diagnostic(`${NAME}: ${RUNS} runs, ${formatVerdict(verdict)}`);
});

async function playRun(world: NetWorld, from: NodeName, to: NodeName): Promise<void> {
  world.network.isolate(from);
  world.network.cut(PROBERS, ['power'], { link: 'fence' });
  await waitUntil('the operation to be blocked', () => isBlocked(world), BLOCKED_MS);
  await lasts(QUIET_MS);
  assert.notEqual(world.instancePid(from), null, 'it goes on where nobody sees it');
  assert.equal(world.instancePid(to), null, 'nothing was started');
  // The person who says so has been there.
  world.killInstance(from);
  await confirmDown(world, from, to);
  await world.settled(to);
  world.network.heal();
  await world.ready();
  await untilStandby(world, from, 'its cable is mended');
  await world.settled(to);
}

/** With the version of the moment: what is tried again meanwhile may change it. An answer that got lost is seen by what it did. */
async function confirmDown(world: NetWorld, node: NodeName, successor: NodeName): Promise<void> {
  await waitUntil('the word of a person to be taken', async () => {
    const { nodes, active } = await world.service();
    if (active === successor) return true;
    const version = nodes.find((one) => one.node === node)?.breadcrumb.version ?? 0;
    const reply = await world.command({ kind: 'confirmDown', node, version, reason: 'I pulled its plug' });
    if (reply.kind === 'accepted') return true;
    throw new Error(JSON.stringify(reply));
  });
}

async function isBlocked(world: NetWorld): Promise<boolean> {
  const { operation } = await world.service();
  if (operation?.blocked?.rule === 'S17.proof-missing') return true;
  throw new Error(JSON.stringify(operation));
}
