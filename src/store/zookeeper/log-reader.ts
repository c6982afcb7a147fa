// Reads records of the log together with the large values that they refer to.
import { type Asking, askEach } from './ask-each.ts';
import type { BlobFiles } from './blob-files.ts';
import type { BlobRef } from './blob-ref.ts';
import type { Put } from './changes-of.ts';
import { isLogRecord, type LogRecord, readLog } from './log-record.ts';
import { getData } from './questions.ts';
import { CODE, refusal } from './reply-codes.ts';
import { corrupt } from './stored-shape.ts';
import type { ZnodePaths } from './znode-paths.ts';

/** The text of each large value of a record, by key. */
export type ReadRecord = { readonly record: LogRecord; readonly texts: ReadonlyMap<string, string> };

export class LogReader {
  readonly #paths: ZnodePaths;
  readonly #blobs: BlobFiles;

  constructor(paths: ZnodePaths, blobs: BlobFiles) {
    this.#paths = paths;
    this.#blobs = blobs;
  }

  /** The records of these revisions, null for each that is no longer there. */
  async read(asking: Asking, revisions: readonly number[]): Promise<readonly (LogRecord | null)[]> {
    const answers = await askEach(
      asking,
      revisions.map((revision) => getData(this.#paths.logOf(revision))),
    );
    const records: (LogRecord | null)[] = [];
    for (const [at, { code, value }] of answers.entries()) {
      const path = this.#paths.logOf(revisions[at] as number);
      if (code !== CODE.ok && code !== CODE.noNode) throw refusal(code, 'read the log');
      records.push(value === null ? null : await this.#resolve(asking, readLog(value.data, path), path));
    }
    return records;
  }

  /** Null when a value is no longer there, and with it the record. */
  async withTexts(asking: Asking, record: LogRecord): Promise<ReadRecord | null> {
    const texts = new Map<string, string>();
    for (const write of record.writes) {
      if (write.kind === 'delete' || typeof write.value === 'string') continue;
      const text = await this.#blobs.read(asking, write.value);
      if (text === null) return null;
      texts.set(write.key, text);
    }
    return { record, texts };
  }

  /** A record that lies in a blob takes it along when it goes. */
  async #resolve(asking: Asking, found: LogRecord | BlobRef, path: string): Promise<LogRecord | null> {
    if (isLogRecord(found)) return found;
    const text = await this.#blobs.read(asking, found);
    if (text === null) return null;
    const record = readLog(Buffer.from(text), path);
    if (!isLogRecord(record)) throw corrupt(path, 'a record of the log lies nowhere');
    return { ...record, frees: [...record.frees, found] };
  }
}

/** For `changesOf`. */
export function textFrom(texts: ReadonlyMap<string, string>): (put: Put) => string {
  return ({ key, value }) => (typeof value === 'string' ? value : (texts.get(key) as string));
}
