// Keeps a prober's high-water mark on its disk, outside the store, so that it survives both the prober and the store (S4).
// A mark that is on the disk is whole: the file is replaced, never written over.
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OneupError } from '../base/oneup-error.ts';
import { type HighWaterMark, parseMark, raiseMark } from './high-water-mark.ts';

/** A thousand services fit many times; more is no mark. */
const FILE_BYTES_MAX = 1024 * 1024;
const FILE_MODE = 0o600;

/** One file, one owner: two objects on one path would undo each other's marks. */
export class HighWater {
  readonly #path: string;
  #mark: HighWaterMark | null;
  /** What is on the disk; equal to `#mark` when nothing waits to be written. */
  #durable: HighWaterMark | null;
  #writing: Promise<void> | null = null;

  private constructor(path: string, mark: HighWaterMark | null) {
    this.#path = path;
    this.#mark = mark;
    this.#durable = mark;
  }

  /**
   * Reads the mark at `path`, an absolute path; a missing file is a prober that has seen nothing.
   * Throws ONEUP_STATE_CORRUPT for a file that is no mark: forgetting silently would be the one thing it exists to prevent.
   */
  static async open(path: string): Promise<HighWater> {
    const text = await readText(path);
    if (text === null) return new HighWater(path, null);
    const parsed = parseMark(text);
    if (!parsed.ok)
      throw new OneupError('ONEUP_STATE_CORRUPT', `Cannot read high-water mark: ${parsed.error}, value was ${path}`);
    return new HighWater(path, parsed.value);
  }

  /** The highest state seen so far, or null. */
  mark(): HighWaterMark | null {
    return this.#mark;
  }

  /**
   * Raises the mark to `seen` wherever that is higher, and resolves when it is durable. Calls that come while the file is
   * written share the next write. Rejects when the disk fails; the mark in memory stays raised, and the next call writes it.
   */
  async raise(seen: HighWaterMark): Promise<void> {
    this.#mark = raiseMark(this.#mark, seen);
    const target = this.#mark;
    while (!isAtLeast(this.#durable, target)) {
      this.#writing ??= this.#write().finally(() => {
        this.#writing = null;
      });
      await this.#writing;
    }
  }

  async #write(): Promise<void> {
    const mark = this.#mark;
    await replaceFile(this.#path, `${JSON.stringify(mark)}\n`);
    this.#durable = mark;
  }
}

function isAtLeast(durable: HighWaterMark | null, target: HighWaterMark): boolean {
  if (durable === null) return false;
  return durable === target || JSON.stringify(raiseMark(durable, target)) === JSON.stringify(durable);
}

async function readText(path: string): Promise<string | null> {
  try {
    const { size } = await stat(path);
    if (size <= FILE_BYTES_MAX) return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw new OneupError(
      'ONEUP_STATE_CORRUPT',
      `Cannot read high-water mark: the file cannot be read, value was ${path}`,
      { cause },
    );
  }
  throw new OneupError('ONEUP_STATE_CORRUPT', `Cannot read high-water mark: the file is too large, value was ${path}`);
}

/** Whole or not at all, also through a power cut: write beside, flush, rename, flush the directory. */
async function replaceFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.new-${randomUUID()}`;
  try {
    await writeDurably(unfinished, text);
    await rename(unfinished, path);
    await flushDirectory(dirname(path));
  } catch (cause) {
    await rm(unfinished, { force: true });
    throw cause;
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  await using file = await open(path, 'wx', FILE_MODE);
  await file.writeFile(text);
  await file.sync();
}

async function flushDirectory(path: string): Promise<void> {
  await using directory = await open(path, 'r');
  await directory.sync();
}
