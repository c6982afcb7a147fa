// The memory of steps in one file for each cluster. It is replaced and never written over, so what is on the disk is whole (S12).
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { ServiceId } from '../base/ids.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { Generation, StepMemory, StepRecord } from './step-memory.ts';

const FILE_BYTES_MAX = 4 * 1024 * 1024;

const evidenceSchema = z.object({
  exitCode: z.int().nullable(),
  signal: z.string().nullable(),
  output: z.string(),
  durationMs: z.number(),
});
const recordSchema = z.object({
  generation: z.int().min(0),
  epoch: z.int().min(0),
  step: z.int().min(0),
  action: z.string(),
  bootId: z.string(),
  startedBootId: z.string().nullable().default(null),
  result: z
    .object({
      kind: z.enum(['done', 'failed', 'timeout', 'killed', 'refused']),
      reason: z.string(),
      evidence: evidenceSchema,
      repeated: z.boolean(),
    })
    .nullable(),
});
const fileSchema = z.object({
  cluster: z.string(),
  generation: z
    .object({ number: z.int().min(0), id: z.string() })
    .nullable()
    .default(null),
  services: z.record(z.string(), recordSchema),
});

/**
 * Reads the memory at `path`; a missing file is a node that was never asked anything. Throws ONEUP_STATE_CORRUPT for one that
 * cannot be read or belongs to another cluster: to forget is what it exists to prevent.
 */
export async function openStepFile(path: string, cluster: string): Promise<StepMemory> {
  let kept = await readContent(path, cluster);
  let writing = Promise.resolve();
  const change = (next: (now: Content) => Content) => {
    const written = writing.then(async () => {
      const content = next(kept);
      await replace(path, { cluster, ...content });
      // Not before: what is not on the disk is not remembered.
      kept = content;
    });
    // A failed write must not keep later ones from being tried.
    writing = written.catch(() => undefined);
    return written;
  };
  return {
    generation: () => kept.generation,
    enter: (generation) => change((now) => ({ ...now, generation })),
    of: (service) => kept.services[service] ?? null,
    write: (service, record) => change((now) => ({ ...now, services: { ...now.services, [service]: record } })),
  };
}

type Content = {
  readonly generation: Generation | null;
  readonly services: Readonly<Record<ServiceId, StepRecord>>;
};

async function readContent(path: string, cluster: string): Promise<Content> {
  const text = await readText(path);
  if (text === null) return { generation: null, services: {} };
  const parsed = fileSchema.safeParse(parseJson(text));
  if (!parsed.success) throw corrupt(path, 'it is no memory of steps');
  if (parsed.data.cluster !== cluster) throw corrupt(path, `it belongs to cluster ${parsed.data.cluster}`);
  const { generation, services } = parsed.data;
  return { generation: generation ?? generationOf(Object.values(services)), services };
}

/** A file of an earlier release names the generation in its steps alone. */
function generationOf(records: readonly StepRecord[]): Generation | null {
  return records.length === 0 ? null : { number: Math.max(...records.map(({ generation }) => generation)), id: '' };
}

async function readText(path: string): Promise<string | null> {
  try {
    await using file = await open(path, 'r');
    if ((await file.stat()).size > FILE_BYTES_MAX) throw corrupt(path, 'it is too large');
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof OneupError) throw cause;
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw corrupt(path, 'it cannot be read');
  }
}

function corrupt(path: string, reason: string): OneupError {
  return new OneupError('ONEUP_STATE_CORRUPT', `Cannot read memory of steps: ${reason}, value was ${path}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Whole or not at all, also through a power cut: write beside, flush, rename, flush the directory. */
async function replace(path: string, content: object): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o711 });
  const unfinished = `${path}.new-${randomUUID()}`;
  try {
    await using file = await open(unfinished, 'wx', 0o600);
    await file.writeFile(JSON.stringify(content));
    await file.sync();
    await rename(unfinished, path);
    await using directory = await open(dirname(path), 'r');
    await directory.sync();
  } catch (cause) {
    await rm(unfinished, { force: true });
    throw cause;
  }
}
