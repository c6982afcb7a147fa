// Opens the failback window of a service at the time that its owner wrote: a coarse job, so node-cron runs it. Whether the
// service goes back then is decided by the machine.
import cron from 'node-cron';
import type { OnSchedule } from '../controller/controller-deps.ts';

/** Calls `fire` at every time of the pattern, in UTC; the returned function ends that. */
export const onSchedule: OnSchedule = (pattern, fire) => {
  const task = cron.schedule(pattern, fire, { timezone: 'UTC', noOverlap: true });
  return () => void task.destroy();
};
