// The operations that pass each phase of the machine's own table, and what must be true after any of them, whatever befell
// the controllers on the way.
import assert from 'node:assert/strict';
import type { MachineCommand } from '../../../src/failover/machine-command.ts';
import type { HistoryEntry, JournalEntry } from '../../../src/failover/machine-effect.ts';
import type { Outcome, Phase } from '../../../src/failover/operation.ts';
import type { Cluster } from './cluster.ts';
import { NODES, type NodeName, PROBERS, type ProberName, SERVICE } from './cluster-files.ts';
import { waitUntil } from './wait-until.ts';

export type Story = {
  /** Modes of the scripts while it runs. */
  readonly modes: (nodes: Moved) => readonly (readonly [action: string, node: NodeName, mode: string])[];
  readonly command: (nodes: Moved) => MachineCommand;
  readonly outcome: Outcome;
  /** Who is active in the end. */
  readonly active: keyof Moved;
  /** Who needs `rejoin` in the end. */
  readonly failed: keyof Moved | null;
};

/** `from` is active when the story begins. */
export type Moved = { readonly from: NodeName; readonly to: NodeName };

const SWITCHOVER: Story = {
  modes: () => [],
  command: ({ from, to }) => ({ kind: 'switchover', from, to, reason: 'a story' }),
  outcome: 'done',
  active: 'to',
  failed: null,
};
const FENCED: Story = { ...SWITCHOVER, modes: ({ from }) => [['stop', from, 'fail']], failed: 'from' };
const ROLLED_BACK: Story = {
  ...SWITCHOVER,
  modes: ({ to }) => [['start', to, 'fail']],
  outcome: 'rolledBack',
  active: 'from',
  failed: 'to',
};
/** The old node cannot finish its work: nothing was stopped, and its drain is undone. */
const GIVEN_UP: Story = {
  ...SWITCHOVER,
  modes: ({ from }) => [['drain', from, 'fail']],
  outcome: 'aborted',
  active: 'from',
};
const REJOINED: Story = {
  ...SWITCHOVER,
  command: ({ to }) => ({ kind: 'rejoin', node: to, reason: 'a story' }),
  active: 'from',
};

/** A phase without a story does not compile. */
export const STORIES: Readonly<Record<Exclude<Phase, 'DONE'>, Story>> = {
  PLAN: SWITCHOVER,
  PRECHECK: SWITCHOVER,
  SYNC: SWITCHOVER,
  TTL_LOWER: SWITCHOVER,
  DRAIN: SWITCHOVER,
  UNDRAIN: GIVEN_UP,
  STOP_OLD: SWITCHOVER,
  FENCE: FENCED,
  CONFIRM_DOWN: SWITCHOVER,
  GRANT: SWITCHOVER,
  START_NEW: SWITCHOVER,
  VERIFY_NEW: SWITCHOVER,
  TARGET_FAILED: ROLLED_BACK,
  RESYNC: REJOINED,
  CUTOVER: SWITCHOVER,
  PROPAGATE: SWITCHOVER,
  POST: SWITCHOVER,
};

/** Who moves where now; for a rejoin, somebody must have failed before. */
export async function prepare(cluster: Cluster, story: Story): Promise<Moved> {
  await cluster.ready();
  const { active, nodes } = await cluster.service();
  const from = NODES.find((node) => node === active);
  const to = NODES.find((node) => node !== active);
  assert.ok(from !== undefined && to !== undefined, `one node must be active, value was ${active}`);
  const isFailed = nodes.some((node) => node.node === to && node.failed !== null);
  if (story === REJOINED && !isFailed) return await failOver(cluster, { from, to });
  if (story !== REJOINED && isFailed) await tell(cluster, REJOINED, { from, to });
  return { from, to };
}

/** Makes a node fail, so that there is one to rejoin. */
async function failOver(cluster: Cluster, { from, to }: Moved): Promise<Moved> {
  const ended = await tell(cluster, FENCED, { from, to });
  assert.equal(ended.outcome, 'done');
  return { from: to, to: from };
}

/**
 * Sends the story's command and waits for its end, wherever its controllers go. A prober that died is started again once
 * another one is the controller, as whatever supervises it would do.
 */
export async function tell(cluster: Cluster, story: Story, moved: Moved): Promise<HistoryEntry> {
  const before = new Set((await cluster.history()).map((entry) => entry.op.opId));
  const modes = story.modes(moved);
  for (const [action, node, mode] of modes) cluster.setMode(action, node, mode);
  const controller = await cluster.controller();
  // Whoever answers must outlive the story, and an answer of one that stands still would never come.
  const witness = PROBERS.find((prober) => prober !== controller);
  assert.ok(witness !== undefined);
  let reply: unknown = 'no reply yet';
  let isRefused = false;
  // The one who was asked may die before it replies. It may have begun by then, and so this is asked once; what is refused has not begun.
  const ask = async (): Promise<void> => {
    const got = await cluster.command(story.command(moved), witness).catch((error: unknown) => String(error));
    reply = got;
    isRefused = typeof got !== 'string' && got.kind === 'refused' && got.refusal.rule !== 'S10.one-operation';
  };
  void ask();
  const look = async (): Promise<HistoryEntry> => {
    // On a loaded machine the term may have passed to the witness since it was chosen, so it was the one to be killed.
    if (!cluster.prober(witness).isRunning()) cluster.startDead();
    const now = await cluster.controller(witness);
    if (now !== null && now !== controller) cluster.startDead();
    const { operation, tail } = await cluster.service(witness);
    const [last] = (await cluster.history(witness)).filter((entry) => !before.has(entry.op.opId));
    if (operation === null && tail === null && last !== undefined) return last;
    // A prober that was late had no vote when the command came.
    if (isRefused && operation === null && last === undefined) {
      isRefused = false;
      void ask();
    }
    throw new Error(`Not ended: ${JSON.stringify({ reply, controller: now, operation, tail, last })}`);
  };
  const ended = await waitUntil('the operation to end', look, cluster.patienceMs);
  for (const [action, node] of modes) cluster.setMode(action, node, null);
  return ended;
}

/** The end of the story as if nothing had happened on the way. */
export async function assertEnded(cluster: Cluster, story: Story, { moved, ended, disturbed }: Told): Promise<void> {
  assert.equal(ended.outcome, story.outcome, ended.summary);
  const active = moved[story.active];
  const status = await cluster.settled(active);
  // A name server that was gone or stood still during PROPAGATE is named until the next cutover.
  assert.equal(status.state, status.laggards.length > 0 ? 'degraded' : 'active');
  const laggards = status.laggards.filter((prober) => prober !== disturbed);
  // These make no cutover, so what is late is late since the one before.
  assert.deepEqual(story === REJOINED || story === GIVEN_UP ? [] : laggards, []);
  const failed = status.nodes.filter((node) => node.failed !== null).map((node) => node.node);
  assert.deepEqual(failed, story.failed === null ? [] : [moved[story.failed]]);
  const expected = cluster.network.nodes[active];
  // A prober that was started again refuses until it has its zone.
  await waitUntil(`every name server to answer ${expected}`, async () =>
    (await cluster.answers()).every((answer) => answer === expected),
  );
  assertStartedOnce(cluster, story, { moved, ended });
  const operation = (
    await cluster.api().get<{ journal: readonly JournalEntry[] }>(`/v1/services/${SERVICE}/operations/${ended.op.opId}`)
  ).journal;
  assertJournal(operation);
  assert.equal(cluster.overlaps(), '');
}

/** `disturbed`: the controller that was killed or stopped on the way; null: nobody was. */
export type Told = { readonly moved: Moved; readonly ended: HistoryEntry; readonly disturbed: ProberName | null };

/** I5: the effect of the start happens once, whoever asked for it; the same for every other step. */
function assertStartedOnce(cluster: Cluster, story: Story, { moved, ended }: Omit<Told, 'disturbed'>): void {
  const begun = cluster.actions('begin ').filter((line) => line.endsWith(ended.op.opId));
  const starts = begun.filter((line) => line.startsWith('begin start '));
  const expected = story === REJOINED || story === GIVEN_UP ? 0 : story === ROLLED_BACK ? 2 : 1;
  assert.equal(starts.length, expected, `starts of ${JSON.stringify(moved)}: ${begun.join('; ')}`);
  assert.equal(new Set(begun).size, begun.length, `no step is done twice: ${begun.join('; ')}`);
}

/** Every INTENT has one RESULT, numbers have no gap, terms only rise. */
export function assertJournal(journal: readonly JournalEntry[]): void {
  assert.deepEqual(
    journal.map((entry) => entry.seq),
    journal.map((_, index) => index + 1),
  );
  const terms = journal.map((entry) => entry.term);
  assert.deepEqual(
    terms,
    [...terms].sort((a, b) => a - b),
  );
  const intents = journal.filter((entry) => entry.kind === 'INTENT').map((entry) => entry.evidence.step);
  const results = journal
    .filter((entry) => entry.kind === 'RESULT' && entry.rules.includes('S12'))
    .map((entry) => entry.evidence.step);
  assert.deepEqual(results, intents);
}
