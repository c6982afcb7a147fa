// One fault and what came of it: the time to the new answer on every server, and where that time went.
import type { Why } from '../../src/controller/read-why.ts';
import { watchAnswers } from './answer-watch.ts';
import type { Cluster } from './cluster.ts';
import { type Fault, NODES } from './settings.ts';

export type Figures = {
  /** From the fault to the first correct answer of the last server. */
  readonly totalMs: number;
  /** Until the failover was planned. */
  readonly detectionMs: number;
  /** The stop and start scripts themselves. */
  readonly scriptsMs: number;
  readonly verifyMs: number;
  /** All the rest. */
  readonly overheadMs: number;
  readonly phases: Readonly<Record<string, number>>;
};

const ANSWER_MAX_MS = 60_000;
const ASK_EVERY_MS = 2;

/** Kills or freezes the active node's server and returns the figures; the other node is active afterwards. */
export async function oneRun(cluster: Cluster, active: string, fault: Fault): Promise<Figures> {
  const standby = NODES.find(({ id }) => id !== active);
  if (standby === undefined) throw new RangeError(`Cannot find the standby of ${active}`);
  const { times } = watchAnswers({
    ports: cluster.dnsPorts,
    address: standby.address,
    everyMs: ASK_EVERY_MS,
    maxMs: ANSWER_MAX_MS,
  });
  const [began, beganWallMs] = [performance.now(), Date.now()];
  process.kill(cluster.server(active), fault);
  const seen = await times.catch(async (error: unknown) => {
    throw new Error(`${String(error)}: ${JSON.stringify((await cluster.why()).status)}`, { cause: error });
  });
  const totalMs = Math.max(...seen.values()) - began;
  await cluster.settled(standby.id);
  return figures(await cluster.why(), { totalMs, beganWallMs });
}

function figures({ operation }: Why, { totalMs, beganWallMs }: { totalMs: number; beganWallMs: number }): Figures {
  if (operation?.kind !== 'automatic') throw new Error(`Cannot measure: the last operation is ${operation?.kind}`);
  const detectionMs = operation.startedWallMs - beganWallMs;
  const results = operation.journal.filter(
    (entry) => entry.kind === 'RESULT' && typeof entry.evidence.durationMs === 'number',
  );
  const scriptsMs = results.reduce((sum, entry) => sum + Number(entry.evidence.durationMs), 0);
  const phases = Object.fromEntries(operation.phases.map(({ phase, durationMs }) => [phase, Math.round(durationMs)]));
  const verifyMs = phases.VERIFY_NEW ?? 0;
  return {
    totalMs,
    detectionMs,
    scriptsMs,
    verifyMs,
    overheadMs: totalMs - detectionMs - scriptsMs - verifyMs,
    phases,
  };
}
