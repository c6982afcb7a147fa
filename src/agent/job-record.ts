// What is remembered of each job in the state directory: up to when its times are settled, what runs, and what became of it.
// Agents that come later go on with it, and people read it with `oneup jobs`.
import { open, readFile, rename } from 'node:fs/promises';
import { z } from 'zod';

const endSchema = z.object({
  dueWallMs: z.number(),
  startedWallMs: z.number(),
  endedWallMs: z.number(),
  kind: z.enum(['refused', 'ended', 'timeout', 'lost', 'vanished', 'notStarted']),
  code: z.int().nullable(),
  reason: z.string(),
});
const skipSchema = z.object({ dueWallMs: z.number(), reason: z.string() });
const recordSchema = z.object({
  service: z.string(),
  schedule: z.string(),
  timeZone: z.string(),
  /** Times up to this one are settled. */
  lookedWallMs: z.number(),
  /** Under which this node was active when it was last known; null: it was not. */
  epoch: z.int().nullable(),
  running: z.object({ dueWallMs: z.number(), startedWallMs: z.number() }).nullable(),
  lastRun: endSchema.nullable(),
  /** A time at which it was due here and was not run. */
  lastSkip: skipSchema.nullable(),
  /** Times at which nobody looked, the newest of them last. */
  missed: z.object({ count: z.int(), latestWallMs: z.array(z.number()), outcome: z.string() }).nullable(),
});
const fileSchema = z.object({ format: z.literal(1), jobs: z.record(z.string(), recordSchema) });

export type JobRecord = z.output<typeof recordSchema>;
export type JobRecords = Readonly<Record<string, JobRecord>>;

export type JobMemory = {
  readonly known: JobRecords;
  /** Replaces all. Rejects when it could not. */
  readonly write: (records: JobRecords) => Promise<void>;
};

export const JOBS_FILE = 'jobs.json';

/** null: there is none. The error is the reason. */
export async function readJobRecords(path: string): Promise<JobRecords | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return text === null ? null : fileSchema.parse(JSON.parse(text)).jobs;
}

/** A memory that cannot be read is told to `onFault` and begun anew: then nothing counts as missed, and nothing is caught up. */
export async function openJobMemory(path: string, onFault: (error: unknown) => void): Promise<JobMemory> {
  const known = await readJobRecords(path).catch((error: unknown) => {
    onFault(error);
    return null;
  });
  return { known: known ?? {}, write: (jobs) => replace(path, `${JSON.stringify({ format: 1, jobs })}\n`) };
}

/** Flushed: what was run before the power failed must not look like missed after it, where the epoch is the same. */
async function replace(path: string, text: string): Promise<void> {
  const unfinished = `${path}.new`;
  await using file = await open(unfinished, 'w', 0o600);
  await file.writeFile(text);
  await file.sync();
  await rename(unfinished, path);
}
