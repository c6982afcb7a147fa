// Keeps the last snapshot of each zone on disk, so that a server which starts without the store still has something to
// answer from (S30). A file is whole or it is refused by name; it is never half believed.
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { DomainName } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { checkZone } from '../zone/check-zone.ts';
import { formatZoneFault } from '../zone/zone-fault.ts';
import type { ZoneSnapshot } from '../zone/zone-snapshot.ts';
import { parseSnapshotText, type SnapshotTextFault, writeSnapshotText } from './snapshot-text.ts';

export type SnapshotFault =
  | SnapshotTextFault
  | { readonly kind: 'too-large'; readonly reason: string }
  | { readonly kind: 'invariant-broken'; readonly reason: string }
  | { readonly kind: 'other-zone'; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'unwritable'; readonly reason: string };

/** More than ZONE_RRSETS_MAX RRsets of usual size; keeps a wrong file from filling the memory. */
export const SNAPSHOT_MAX_OCTETS = 32 * 1024 * 1024;
/** File names have at most 255 octets; longer ones become a hash. */
const FILE_STEM_MAX = 200;
const SUFFIX = '.zone.json';

type Options = { readonly signal: AbortSignal };
type SaveOutcome = Result<null, SnapshotFault>;
/** A save that has not begun; a later one of the same zone takes its place and shares its outcome. */
type WaitingSave = { snapshot: ZoneSnapshot; outcome: Promise<SaveOutcome> };

export class SnapshotFile {
  readonly #directory: string;
  /** The last write: writes follow each other. */
  #tail: Promise<unknown> = Promise.resolve();
  /** At most one waiting write for each zone. */
  readonly #waiting = new Map<DomainName, WaitingSave>();

  /** `directory` is created by the first save. One process owns it. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Where the snapshot of a zone is kept. */
  path(zone: DomainName): string {
    const stem = encodeURIComponent(zone).replaceAll('*', '%2A');
    const hash = createHash('sha256').update(zone).digest('hex');
    return join(this.#directory, `${stem.length > FILE_STEM_MAX ? hash : stem}${SUFFIX}`);
  }

  /**
   * Writes the snapshot so that after a crash the file holds the old one or the new one, never a mixture. Safe to
   * repeat. Of several saves of one zone that wait, only the last is written, and all get its outcome.
   */
  async save(snapshot: ZoneSnapshot, { signal }: Options): Promise<SaveOutcome> {
    const waiting = this.#waiting.get(snapshot.zone);
    if (waiting !== undefined) {
      waiting.snapshot = snapshot;
      return await waiting.outcome;
    }
    const entry: WaitingSave = { snapshot, outcome: Promise.resolve(ok(null)) };
    entry.outcome = this.#tail.then(() => {
      this.#waiting.delete(snapshot.zone);
      return this.#write(entry.snapshot, signal);
    });
    this.#waiting.set(snapshot.zone, entry);
    this.#tail = entry.outcome;
    return await entry.outcome;
  }

  /** The last snapshot of a zone, checked; null when there is none. Removes what interrupted writes left behind. */
  async load(zone: DomainName, { signal }: Options): Promise<Result<ZoneSnapshot | null, SnapshotFault>> {
    const path = this.path(zone);
    try {
      await this.#removeLeftovers(path);
      const { size } = await stat(path);
      if (size > SNAPSHOT_MAX_OCTETS) {
        return err({ kind: 'too-large', reason: `${path} has ${size} octets, at most ${SNAPSHOT_MAX_OCTETS}` });
      }
      return readSnapshot(await readFile(path, { encoding: 'utf8', signal }), { path, zone });
    } catch (cause) {
      signal.throwIfAborted();
      if (isMissing(cause)) return ok(null);
      return err({ kind: 'unreadable', reason: `Cannot read ${path}: ${String(cause)}` });
    }
  }

  /** Notes that the snapshot on disk was still the newest at `wallMs`; harmless when there is none. */
  async markConfirmed(zone: DomainName, wallMs: number): Promise<void> {
    await utimes(this.path(zone), wallMs / 1_000, wallMs / 1_000).catch(() => undefined);
  }

  /** Milliseconds since the snapshot was last known to be the newest, by this machine's own wall clock. */
  async confirmedAgeMs(zone: DomainName, wallMs: number): Promise<number> {
    const found = await stat(this.path(zone)).catch(() => null);
    return found === null ? 0 : Math.max(0, wallMs - found.mtimeMs);
  }

  async #write(snapshot: ZoneSnapshot, signal: AbortSignal): Promise<SaveOutcome> {
    const path = this.path(snapshot.zone);
    const temporary = `${path}.${randomUUID()}.tmp`;
    try {
      signal.throwIfAborted();
      await mkdir(this.#directory, { recursive: true });
      await writeDurably(temporary, writeSnapshotText(snapshot));
      await rename(temporary, path);
      await syncDirectory(this.#directory);
      return ok(null);
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => undefined);
      return err({ kind: 'unwritable', reason: `Cannot write ${path}: ${String(cause)}` });
    }
  }

  async #removeLeftovers(path: string): Promise<void> {
    for (const entry of await readdir(this.#directory)) {
      const full = join(this.#directory, entry);
      if (full.startsWith(`${path}.`) && entry.endsWith('.tmp')) await rm(full, { force: true });
    }
  }
}

function readSnapshot(
  text: string,
  { path, zone }: { readonly path: string; readonly zone: DomainName },
): Result<ZoneSnapshot, SnapshotFault> {
  const parsed = parseSnapshotText(text);
  if (!parsed.ok) return err({ ...parsed.error, reason: `${path}: ${parsed.error.reason}` });
  if (parsed.value.zone !== zone) {
    return err({ kind: 'other-zone', reason: `${path} holds ${parsed.value.zone}, expected ${zone}` });
  }
  const checked = checkZone(parsed.value);
  if (checked.ok) return ok(parsed.value);
  const first = checked.error[0];
  const detail = first === undefined ? '' : formatZoneFault(first);
  return err({ kind: 'invariant-broken', reason: `${path}: ${detail} (${checked.error.length} in all)` });
}

async function writeDurably(path: string, text: string): Promise<void> {
  await using file = await open(path, 'wx', 0o640);
  await file.writeFile(text);
  await file.sync();
}

/** A rename is durable only when the directory is (fsync(2)). */
async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, 'r');
  await directory.sync();
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}
