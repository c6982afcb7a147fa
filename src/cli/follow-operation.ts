// Follows a running operation until it has ended, saying each phase as it comes and, on a terminal, what it is waiting for.

import { formatDuration } from '../base/duration.ts';
import type { OperationStatus } from '../controller/read-operation.ts';
import type { HistoryEntry, JournalEntry } from '../failover/machine-effect.ts';
import type { Outcome } from '../failover/operation.ts';
import type { ApiClient } from './api-client.ts';
import type { CommandContext } from './command-context.ts';

export type Followed = {
  readonly operation: OperationStatus | null;
  readonly isTail: boolean;
  readonly ended: HistoryEntry | null;
  readonly journal: readonly JournalEntry[];
};

const LOOK_MS = 100;
/** An operation that is blocked for this long is left to its own retries, and the command says so. */
const BLOCKED_PATIENCE_MS = 3_000;

export type FollowOptions = {
  readonly service: string;
  readonly opId: string;
  readonly untilActive: boolean;
  /** The end that was asked for. */
  readonly wanted: Outcome;
};

/** Exit code: 0 ended as wanted, 8 ended otherwise, 9 blocked. With `untilActive` the tail is left to run. */
export async function followOperation(
  context: CommandContext,
  client: ApiClient,
  { service, opId, untilActive, wanted }: FollowOptions,
): Promise<{ readonly exitCode: number; readonly followed: Followed }> {
  let told = 0;
  let blockedSince: number | null = null;
  for (;;) {
    const followed = await client.get<Followed>(`/v1/services/${encodeURIComponent(service)}/operations/${opId}`);
    told = tell(context, followed, told);
    if (followed.ended !== null) return { exitCode: followed.ended.outcome === wanted ? 0 : 8, followed };
    if (untilActive && followed.isTail) {
      const { rollback = false } = followed.operation ?? {};
      return { exitCode: (rollback ? 'rolledBack' : 'done') === wanted ? 0 : 8, followed };
    }
    const isBlocked = followed.operation?.blocked != null && !followed.isTail;
    blockedSince = isBlocked ? (blockedSince ?? context.clock.monotonicMs()) : null;
    if (blockedSince !== null && context.clock.monotonicMs() - blockedSince > BLOCKED_PATIENCE_MS)
      return { exitCode: 9, followed };
    await context.clock.sleep(LOOK_MS, { signal: context.signal });
  }
}

function tell(context: CommandContext, { operation, journal }: Followed, told: number): number {
  const { console, clock } = context;
  const clear = console.isInteractive ? '\r\u001b[K' : '';
  for (const entry of journal.slice(told)) {
    const time = new Date(entry.wallMs).toISOString().slice(11, 23);
    console.err(`${clear}${time} ${entry.phase.padEnd(13)} ${entry.text}\n`);
  }
  if (console.isInteractive && operation !== null) {
    const elapsed = formatDuration(Math.max(0, clock.wallMs() - operation.startedWallMs));
    console.err(`${clear}${operation.phase}, ${elapsed} in all, waits for ${operation.waitsFor}`);
  }
  return journal.length;
}
