// Until when a resolver may still hold the old answer (S31): the latest, over every server that answers for the zone, of the
// time it took the new data plus the highest TTL it may have given with the old. Where that cannot be known, it says so.
import { assertNever } from '../base/assert-never.ts';
import { type ClockBounds, waitForPeriodMs } from '../base/clock-bounds.ts';

/** What is known of one server of the zone. Times are the reader's own monotonic milliseconds. */
export type ServedReport =
  /** It has loaded the new data; `oldTtlMaxSeconds` is the highest TTL it may have given before, 0 if it had none. */
  | {
      readonly kind: 'confirmed';
      readonly server: string;
      readonly confirmedAtMonoMs: number;
      readonly oldTtlMaxSeconds: number;
    }
  /** One of our name servers that has not reported. */
  | { readonly kind: 'silent'; readonly server: string }
  /** A listed secondary that has not shown the new serial; it answers until SOA expire (RFC 1035 section 3.3.13). */
  | { readonly kind: 'silentSecondary'; readonly server: string; readonly expireSeconds: number };

export type DrainInput = {
  /** When the write was committed. */
  readonly writtenAtMonoMs: number;
  readonly reports: readonly ServedReport[];
  readonly onStale: 'refuse' | 'serve';
  readonly lostAfterMs: number;
  readonly staleAfterMs: number;
  readonly suspectTtlSeconds: number;
  /** Highest TTL with which the old data was published. */
  readonly oldTtlSeconds: number;
  /** The operation ran without a majority: servers nobody knows of may go on answering. */
  readonly isForcedWithoutMajority: boolean;
  readonly bounds: ClockBounds;
};

export type DrainHorizon =
  | { readonly kind: 'known'; readonly atMonoMs: number; readonly decidedBy: string }
  | { readonly kind: 'unknown'; readonly reason: string };

/** The horizon only moves nearer as servers report. Where no server is known, the old TTL counts from the write. */
export function drainHorizon(input: DrainInput): DrainHorizon {
  if (input.isForcedWithoutMajority) {
    return { kind: 'unknown', reason: 'the operation was forced without a majority of the probers' };
  }
  if (input.reports.length === 0) {
    const atMonoMs = after(input, input.writtenAtMonoMs, input.oldTtlSeconds * 1_000);
    return { kind: 'known', atMonoMs, decidedBy: 'old TTL' };
  }
  let latest = { atMonoMs: input.writtenAtMonoMs, decidedBy: 'the write' };
  for (const report of input.reports) {
    if (report.kind === 'silent' && input.onStale === 'serve') {
      const reason = `name server ${report.server} has not reported and serves old data for as long as it is lost`;
      return { kind: 'unknown', reason };
    }
    const atMonoMs = horizonOf(report, input);
    if (atMonoMs > latest.atMonoMs) latest = { atMonoMs, decidedBy: report.server };
  }
  return { kind: 'known', ...latest };
}

function horizonOf(report: ServedReport, input: DrainInput): number {
  const { writtenAtMonoMs, lostAfterMs, staleAfterMs, suspectTtlSeconds, oldTtlSeconds } = input;
  switch (report.kind) {
    case 'confirmed':
      return after(input, report.confirmedAtMonoMs, report.oldTtlMaxSeconds * 1_000);
    case 'silent': {
      // It gives the old TTL until it counts as lost, and capped TTLs until it is stale and refuses (S30).
      const uncappedMs = lostAfterMs + oldTtlSeconds * 1_000;
      const cappedMs = lostAfterMs + staleAfterMs + suspectTtlSeconds * 1_000;
      return after(input, writtenAtMonoMs, Math.max(uncappedMs, cappedMs));
    }
    case 'silentSecondary':
      return after(input, writtenAtMonoMs, (report.expireSeconds + oldTtlSeconds) * 1_000);
    default:
      return assertNever(report);
  }
}

/** A period that others measure is waited out by S2. */
function after({ bounds }: DrainInput, startMonoMs: number, periodMs: number): number {
  return startMonoMs + waitForPeriodMs(periodMs, bounds);
}
