// The times of a job. node-cron says which instants fit a pattern; when to look is decided by the scheduler, because the timers of
// node-cron count no suspension (ADR 0028).
import cron from 'node-cron';

export type DueTimes = {
  /** Wall milliseconds, oldest first; the newest where there were too many. */
  readonly times: readonly number[];
  /** There may have been more, longer ago. */
  readonly isCut: boolean;
};

export type JobCalendar = {
  /** Later than `afterMs`, and not later than `untilMs`. */
  readonly between: (afterMs: number, untilMs: number) => DueTimes;
  readonly end: () => void;
};

export type JobPattern = { readonly schedule: string; readonly timeZone: string };

/** A day of minutes: each instant that is asked about costs about 15 microseconds. */
const STEPS_MAX = 1_440;
const [SECOND_MS, MINUTE_MS] = [1_000, 60_000];
/** How far clocks are set back in autumn. */
const SET_BACK_MS = [30 * MINUTE_MS, 60 * MINUTE_MS];

export function createJobCalendar({ schedule, timeZone }: JobPattern): JobCalendar {
  const task = cron.createTask(schedule, () => undefined, { timezone: timeZone });
  const fields = schedule.split(' ');
  const stepMs = fields.length === 6 ? SECOND_MS : MINUTE_MS;
  const isRepeated = fields.at(-4)?.includes('*') === true ? () => false : repeatedIn(timeZone);
  return {
    between: (afterMs, untilMs) => {
      const times: number[] = [];
      const newest = Math.floor(untilMs / stepMs) * stepMs;
      const oldest = Math.max(Math.floor(afterMs / stepMs) * stepMs + stepMs, newest - (STEPS_MAX - 1) * stepMs);
      for (let at = oldest; at <= newest; at += stepMs) if (task.match(new Date(at)) && !isRepeated(at)) times.push(at);
      return { times, isCut: oldest - stepMs > afterMs };
    },
    end: () => void task.destroy(),
  };
}

/** Wall milliseconds of the next time, by the clock of this machine; null where there is none. */
export function nextTime({ schedule, timeZone }: JobPattern): number | null {
  const task = cron.createTask(schedule, () => undefined, { timezone: timeZone });
  const [next] = task.getNextRuns(1);
  void task.destroy();
  return next?.getTime() ?? null;
}

/** An hour that comes twice in one night counts once, for patterns that name their hours. */
function repeatedIn(timeZone: string): (at: number) => boolean {
  const format = new Intl.DateTimeFormat('en', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return (at) => SET_BACK_MS.some((backMs) => format.format(at) === format.format(at - backMs));
}
