// Makes changes of the store: each is one multi that first raises the head from the revision at which it was thought out, so
// that all changes are serial and what held at that revision holds when it is made (S5). It says honestly how it ended (S6).
import { randomInt } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { OneupError } from '../../base/oneup-error.ts';
import type { Asking } from './ask-each.ts';
import type { BlobFiles } from './blob-files.ts';
import type { BlobRef } from './blob-ref.ts';
import type { LogFollower } from './log-follower.ts';
import { type LogRecord, writeLog, writeLogRef } from './log-record.ts';
import type { PlannedChange, PlannedWrite } from './planned-change.ts';
import { type Change, multi } from './questions.ts';
import { CODE, refusal } from './reply-codes.ts';
import type { StoreLayout } from './store-layout.ts';
import { Turnstile } from './turnstile.ts';
import { untilAborted } from './until-aborted.ts';
import type { ZookeeperLine } from './zookeeper-line.ts';

/** A larger record of the log lies in a blob. */
const LOG_BYTES_MAX = 256 * 1024;
/** Log records that one commit deletes when the log is longer than it should be. */
const TRIMMED_MAX = 16;
const PAUSE_MAX_MS = 200;

export type StoreWriterOptions = {
  readonly line: ZookeeperLine;
  readonly layout: StoreLayout;
  readonly follower: LogFollower;
  readonly blobs: BlobFiles;
  readonly clock: Clock;
};

export type WriteResult<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'unknown'; readonly cause: Error };

/** `again`: nothing was written, and the plan has to be made anew. */
type Attempt = 'done' | 'again' | { readonly unknown: Error };

/** Called at the revision of the index; null says that something had to be waited for, and to call again. */
export type Planner<T> = (asking: Asking) => PlannedChange<T> | Promise<null>;

type Prepared = {
  readonly revision: number;
  readonly record: LogRecord;
  readonly logData: Buffer;
  readonly blobs: readonly BlobRef[];
  readonly trimmed: readonly number[];
};

export class StoreWriter {
  readonly #on: StoreWriterOptions;
  readonly #turnstile = new Turnstile();

  constructor(options: StoreWriterOptions) {
    this.#on = options;
  }

  /**
   * Throws when nothing was written. A refusal is told only when it was true at some revision after the call (S5).
   * `onLostBlobs` is told that the blobs of the plan were swept away, and the plan is made again.
   */
  async write<T>(plan: Planner<T>, signal: AbortSignal, onLostBlobs: () => void): Promise<WriteResult<T>> {
    return this.#turnstile.pass(() => this.#write(plan, signal, onLostBlobs), signal);
  }

  async #write<T>(plan: Planner<T>, signal: AbortSignal, onLostBlobs: () => void): Promise<WriteResult<T>> {
    const { line, follower, clock } = this.#on;
    let isCaughtUp = false;
    for (let failures = 0; ; ) {
      const asking = { connection: await line.connection(signal), signal };
      const found = plan(asking);
      if (found instanceof Promise) {
        await found;
        continue;
      }
      if (found.kind === 'refused') {
        if (isCaughtUp) return { kind: 'done', value: found.value };
      } else {
        const attempt = await this.#attempt(found, asking, onLostBlobs);
        if (attempt === 'done') return { kind: 'done', value: found.value };
        if (attempt !== 'again') return { kind: 'unknown', cause: attempt.unknown };
        failures += 1;
        // Longer with every defeat, by chance, so that writers in each other's way drift apart.
        await clock.sleep(randomInt(Math.min(PAUSE_MAX_MS, 2 ** Math.min(failures, 8))), { signal });
      }
      await untilAborted(follower.catchUp(), signal);
      isCaughtUp = true;
    }
  }

  async #attempt<T>(plan: PlannedWrite<T>, asking: Asking, onLostBlobs: () => void): Promise<Attempt> {
    const { follower } = this.#on;
    const prepared = await this.#prepare(plan, asking);
    // Thrown or to be tried again, it was not written; only a doubt leaves it where it is.
    let attempt: Attempt = 'again';
    try {
      const isCurrent = follower.index.revision + 1 === prepared.revision;
      if (isCurrent) attempt = await this.#send(plan, prepared, asking, onLostBlobs);
      return attempt;
    } finally {
      const spare = prepared.blobs.slice(plan.blobs.length);
      if (attempt === 'again' && spare.length > 0) await this.#on.blobs.discard(asking, spare);
    }
  }

  async #send<T>(plan: PlannedWrite<T>, prepared: Prepared, asking: Asking, onLostBlobs: () => void): Promise<Attempt> {
    const { follower } = this.#on;
    const changes = this.#changesFor(plan, prepared);
    // Until here nothing was sent that a reader could see. From here on only an answer tells what happened.
    const sent = asking.connection.ask(multi(changes));
    try {
      const { code, value } = await untilAborted(sent, asking.signal);
      if (value === null) return inDoubt(code) ?? fail(refusal(code, 'commit'));
      if (value.failed === null) {
        follower.takeIn(prepared.revision, prepared.record, plan.texts);
        return 'done';
      }
      return this.#refused(changes[value.failed.at] as Change, value.failed.code, onLostBlobs);
    } catch (cause) {
      if (cause instanceof RefusedError) throw cause.refusal;
      return { unknown: cause instanceof Error ? cause : new Error(String(cause)) };
    }
  }

  /** What comes before the commit: blobs that go with the trimmed log, and a record too large for the packet. */
  async #prepare<T>({ record, blobs }: PlannedWrite<T>, asking: Asking): Promise<Prepared> {
    const { follower, layout, blobs: files } = this.#on;
    const { index } = follower;
    const revision = index.revision + 1;
    const logFrom = trimmedTo(index.logFrom, revision, layout.logRevisionsMax);
    const trimmed = Array.from({ length: logFrom - index.logFrom }, (_, at) => index.logFrom + at);
    // Before the log forgets them. A crash in between leaves the record, and whoever trims it next does this again.
    const freed = trimmed.flatMap((gone) => index.freesOf(gone));
    if (freed.length > 0) await files.remove(asking, freed);
    const whole = { ...record, logFrom };
    const logData = writeLog(whole);
    if (logData.length <= LOG_BYTES_MAX) return { revision, record: whole, logData, blobs, trimmed };
    const ref = await files.write(asking, logData);
    const frees = [...whole.frees, ref];
    return { revision, record: { ...whole, frees }, logData: writeLogRef(ref), blobs: [...blobs, ref], trimmed };
  }

  #changesFor<T>(plan: PlannedWrite<T>, { revision, logData, blobs, trimmed }: Prepared): readonly Change[] {
    const { layout, follower, blobs: files } = this.#on;
    const { paths, owner } = layout;
    return [
      { kind: 'setData', path: paths.head, data: Buffer.from(String(revision)), version: follower.headVersion },
      { kind: 'create', path: paths.logOf(revision), data: logData, owner },
      ...blobs.map((blob) => files.check(blob)),
      ...trimmed.map((gone): Change => ({ kind: 'delete', path: paths.logOf(gone), version: -1 })),
      ...plan.changes,
    ];
  }

  #refused(change: Change, code: number, onLostBlobs: () => void): Attempt {
    const { paths } = this.#on.layout;
    if (change.path === paths.head && code === CODE.badVersion) return 'again';
    if (change.kind === 'create' && change.path.startsWith(`${paths.log}/`) && code === CODE.nodeExists) return 'again';
    if (change.kind === 'check' && code === CODE.noNode) {
      onLostBlobs();
      return 'again';
    }
    // The head was as expected, and still a znode was not: somebody else writes here, or this process is wrong.
    this.#on.follower.distrust();
    throw new RefusedError(refusal(code, `commit, because of ${change.path}`));
  }
}

/** Carries a refusal past the place where every other error is a doubt. */
class RefusedError extends Error {
  readonly refusal: OneupError;

  constructor(refused: OneupError) {
    super(refused.message);
    this.refusal = refused;
  }
}

function fail(refused: OneupError): never {
  throw new RefusedError(refused);
}

/** Codes with which a server says that it does not know itself. */
function inDoubt(code: number): Attempt | null {
  const isDoubt = code === CODE.systemError || code === CODE.connectionLoss || code === CODE.timeout;
  return isDoubt ? { unknown: refusal(code, 'commit') } : null;
}

function trimmedTo(logFrom: number, revision: number, revisionsMax: number): number {
  return Math.max(logFrom, Math.min(revision - revisionsMax + 1, logFrom + TRIMMED_MAX));
}
