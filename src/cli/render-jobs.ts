// Jobs of agents for people: the same words for `oneup jobs` on the node and for `oneup status` anywhere. Times are those of the
// node's own clock.
import { formatDuration } from '../base/duration.ts';
import type { ServiceStatus } from '../controller/read-model.ts';
import type { AgentJob } from '../ports/agent-link.ts';

/** One line for each job of a node where the service is active, or where one still runs; those that stand by have none to tell. */
export function renderJobs({ nodes }: ServiceStatus): readonly string[] {
  return nodes.flatMap(({ node, agent }) => {
    const { listed, unlisted } = agent?.jobs ?? { listed: [], unlisted: 0 };
    const shown = listed.filter(({ epoch, running }) => epoch !== null || running !== null);
    const more = shown.length > 0 && unlisted > 0 ? [`${unlisted} more jobs on ${node}: see oneup jobs there`] : [];
    return [...shown.map((job) => `job ${job.id} on ${node}: ${textOf(job)}`), ...more];
  });
}

function textOf(job: AgentJob): string {
  const { nextWallMs, running, lastRun, lastSkip, missed } = job;
  return [
    `next ${nextWallMs === null ? 'never' : instant(nextWallMs)}`,
    ...(running === null ? [] : [`runs since ${instant(running.startedWallMs)}`]),
    `last run ${lastRunText({ running: null, lastRun })}`,
    ...(lastSkip === null ? [] : [skipText(lastSkip)]),
    ...(missed === null ? [] : [missedText(missed)]),
  ].join('; ');
}

export function lastRunText({ running, lastRun }: Pick<AgentJob, 'running' | 'lastRun'>): string {
  if (running !== null) return `runs since ${instant(running.startedWallMs)}`;
  if (lastRun === null) return 'none';
  const took = formatDuration(Math.max(0, Math.round(lastRun.endedWallMs - lastRun.startedWallMs)));
  return `${instant(lastRun.startedWallMs)}, took ${took}, ${lastRun.kind}: ${lastRun.reason}`;
}

export function skipText({ dueWallMs, reason }: NonNullable<AgentJob['lastSkip']>): string {
  return `not run at ${instant(dueWallMs)}: ${reason}`;
}

export function missedText({ count, latestWallMs, outcome }: NonNullable<AgentJob['missed']>): string {
  const last = latestWallMs.at(-1);
  return `${count} times missed, the last one ${last === undefined ? 'unknown' : instant(last)}: ${outcome}`;
}

export function instant(wallMs: number): string {
  return new Date(wallMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
