// Reads the whole store while it changes, and makes it exact: what was read at different times becomes the state of one
// revision when all records of the log from before the first read are laid over it.
import { type Asking, ask, askEach } from './ask-each.ts';
import { readData, readSession } from './data-record.ts';
import { readHead } from './head.ts';
import { KeyIndex } from './key-index.ts';
import type { LogReader } from './log-reader.ts';
import { getChildren, getData } from './questions.ts';
import { CODE, refusal } from './reply-codes.ts';
import { corrupt } from './stored-shape.ts';
import { revisionOf, unescapeName, type ZnodePaths } from './znode-paths.ts';

/** Values are dropped as they come: at most this many are held. */
const PAGE = 256;

export class StoreLoader {
  readonly #paths: ZnodePaths;
  readonly #log: LogReader;

  constructor(paths: ZnodePaths, log: LogReader) {
    this.#paths = paths;
    this.#log = log;
  }

  /** `from` is a revision of the head that was read before. Null when the log was trimmed past it meanwhile. */
  async load(asking: Asking, from: number): Promise<KeyIndex | null> {
    const index = new KeyIndex();
    await this.#readAll(asking, this.#paths.data, (name, bytes, path) => {
      const key = unescapeName(name);
      if (key === null) throw corrupt(path, 'a znode is named like no key');
      index.noteRow(key, readData(bytes, path));
    });
    await this.#readAll(asking, this.#paths.session, (_, bytes, path) => index.noteSession(readSession(bytes, path)));
    await this.#readLog(asking, index);
    const { revision } = await readHead(asking, this.#paths);
    let logFrom = 1;
    for (let first = Math.max(from, 1); first <= revision; first += PAGE) {
      const wanted = Array.from({ length: Math.min(PAGE, revision - first + 1) }, (_, at) => first + at);
      const records = await this.#log.read(asking, wanted);
      for (const [at, record] of records.entries()) {
        if (record === null) return null;
        // The record of `from` itself is in what was read; it only tells where the log begins.
        if (first + at > from) index.apply(first + at, record);
        logFrom = record.logFrom;
      }
    }
    index.settleAt(revision, logFrom);
    return index;
  }

  /** Tokens and freed blobs of what is in the log already. */
  async #readLog(asking: Asking, index: KeyIndex): Promise<void> {
    const names = await this.#namesIn(asking, this.#paths.log);
    const revisions = names.map((name) => revisionOf(name) ?? this.#refuse(name)).sort((a, b) => a - b);
    for (let at = 0; at < revisions.length; at += PAGE) {
      const page = revisions.slice(at, at + PAGE);
      const records = await this.#log.read(asking, page);
      for (const [place, record] of records.entries()) {
        if (record !== null) index.noteLog(page[place] as number, record);
      }
    }
  }

  async #readAll(
    asking: Asking,
    parent: string,
    take: (name: string, bytes: Buffer, path: string) => void,
  ): Promise<void> {
    const names = await this.#namesIn(asking, parent);
    for (let at = 0; at < names.length; at += PAGE) {
      const page = names.slice(at, at + PAGE);
      const answers = await askEach(
        asking,
        page.map((name) => getData(`${parent}/${name}`)),
      );
      for (const [place, { code, value }] of answers.entries()) {
        // Gone since it was listed: the log says so.
        if (code === CODE.noNode) continue;
        if (value === null) throw refusal(code, 'read the store');
        const name = page[place] as string;
        take(name, value.data, `${parent}/${name}`);
      }
    }
  }

  async #namesIn(asking: Asking, path: string): Promise<readonly string[]> {
    const { code, value } = await ask(asking, getChildren(path));
    if (value === null) throw refusal(code, 'list the store');
    return value.names;
  }

  #refuse(name: string): never {
    throw corrupt(`${this.#paths.log}/${name}`, 'a znode of the log is named like no revision');
  }
}
