// Reads the time of a scheduled switchover. What could be meant in two ways is refused with an example, because a service that
// moves at a time that nobody expected is an outage that nobody expected.
import cron from 'node-cron';
import { err, ok, type Result } from '../base/result.ts';

const DAY_MS = 86_400_000;
const INSTANT = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const CLOCK_TIME = /^([01]\d|2[0-3]):([0-5]\d)$/;

/** For messages and help. */
export const WHEN_EXAMPLES =
  '2027-03-01T02:30:00Z, 2027-03-01T03:30+01:00, 02:30 (the next one, UTC), or "30 2 * * 0" (UTC)';

type NextRun = (pattern: string) => number | null;

/** The next time of a cron pattern in UTC, by the clock of this machine; null when there is none. */
function nextCronRun(pattern: string): number | null {
  const task = cron.createTask(pattern, () => undefined, { timezone: 'UTC' });
  const [next] = task.getNextRuns(1);
  void task.destroy();
  return next?.getTime() ?? null;
}

/** Wall clock in milliseconds. */
export function parseWhen(text: string, nowWallMs: number, nextRun: NextRun = nextCronRun): Result<number, string> {
  if (INSTANT.test(text)) return instant(text);
  const clock = CLOCK_TIME.exec(text);
  if (clock !== null) return ok(nextClockTime(Number(clock[1]) * 60 + Number(clock[2]), nowWallMs));
  const fields = text.trim().split(/\s+/);
  if (fields.length === 5 || fields.length === 6) return cronTime(fields.join(' '), nextRun);
  return err(/^\d{4}-\d{2}-\d{2}/.test(text) ? 'a date needs a time and a zone, such as Z' : 'this is no time');
}

function instant(text: string): Result<number, string> {
  const wallMs = Date.parse(text);
  // A day that its month does not have would silently become another one: written back at its own offset it must be the same.
  const [, date = ''] = INSTANT.exec(text) ?? [];
  const written = Date.parse(`${date}Z`);
  const isSame = Number.isFinite(written) && new Date(written).toISOString().startsWith(date);
  return Number.isFinite(wallMs) && isSame ? ok(wallMs) : err('there is no such day or hour');
}

function nextClockTime(minutes: number, nowWallMs: number): number {
  const today = Math.floor(nowWallMs / DAY_MS) * DAY_MS + minutes * 60_000;
  return today > nowWallMs ? today : today + DAY_MS;
}

function cronTime(pattern: string, nextRun: NextRun): Result<number, string> {
  if (!cron.validate(pattern)) return err('no time fits this cron pattern');
  const next = nextRun(pattern);
  return next === null ? err('no time fits this cron pattern') : ok(next);
}
