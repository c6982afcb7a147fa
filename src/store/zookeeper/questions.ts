// What can be asked of a ZooKeeper server, each with the way it is written and the way its answer is read.
import { JuteError } from './jute-error.ts';
import type { JuteReader } from './jute-reader.ts';
import type { JuteWriter } from './jute-writer.ts';
import { readStat, type Stat } from './stat.ts';

/** Numbers of the operations in the protocol. */
export const OPERATION = {
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  sync: 9,
  ping: 11,
  getChildren2: 12,
  check: 13,
  multi: 14,
  auth: 100,
  closeSession: -11,
} as const;

/** Who may do everything with a znode that is created. */
export type Owner = { readonly scheme: string; readonly id: string };

/** A version of -1 stands for any. */
export type Change =
  | { readonly kind: 'create'; readonly path: string; readonly data: Uint8Array; readonly owner: Owner }
  | { readonly kind: 'setData'; readonly path: string; readonly data: Uint8Array; readonly version: number }
  | { readonly kind: 'delete'; readonly path: string; readonly version: number }
  | { readonly kind: 'check'; readonly path: string; readonly version: number };

export type Question<T> = {
  readonly operation: number;
  readonly write: (to: JuteWriter) => void;
  readonly read: (from: JuteReader) => T;
};

/** All rights: read, write, create, delete, administer. */
const PERMISSIONS_ALL = 31;
const PERSISTENT = 0;
/** The type of a result in a multi that is only a code. */
const RESULT_ERROR = -1;

export function getData(path: string, watch = false): Question<{ readonly data: Buffer; readonly stat: Stat }> {
  return {
    ...aboutPath(OPERATION.getData, path, watch),
    read: (from) => ({ data: from.bytes(), stat: readStat(from) }),
  };
}

export function getChildren(path: string): Question<{ readonly names: readonly string[]; readonly stat: Stat }> {
  return {
    ...aboutPath(OPERATION.getChildren2, path, false),
    read: (from) => ({ names: from.texts(), stat: readStat(from) }),
  };
}

export function exists(path: string): Question<Stat> {
  return { ...aboutPath(OPERATION.exists, path, false), read: readStat };
}

/** Makes the server that this connection leads to as new as the ensemble was when it was asked. */
export function sync(path: string): Question<string> {
  return { operation: OPERATION.sync, write: (to) => to.text(path), read: (from) => from.text() };
}

export function single(change: Change): Question<void> {
  const read = change.kind === 'create' ? readPath : change.kind === 'setData' ? readAndForgetStat : readNothing;
  return { operation: OPERATION[change.kind], write: (to) => writeChange(to, change), read };
}

/** `failed` is the first change that the server refused; then none was made. */
export type MultiResult = { readonly failed: { readonly at: number; readonly code: number } | null };

/** All changes or none. */
export function multi(changes: readonly Change[]): Question<MultiResult> {
  return {
    operation: OPERATION.multi,
    write: (to) => {
      for (const change of changes) {
        to.int(OPERATION[change.kind]).boolean(false).int(-1);
        writeChange(to, change);
      }
      to.int(-1).boolean(true).int(-1);
    },
    read: (from) => readMulti(from, changes.length),
  };
}

function aboutPath(operation: number, path: string, watch: boolean): Pick<Question<never>, 'operation' | 'write'> {
  return { operation, write: (to) => to.text(path).boolean(watch) };
}

function writeChange(to: JuteWriter, change: Change): void {
  to.text(change.path);
  if (change.kind === 'create') {
    to.bytes(change.data).int(1).int(PERMISSIONS_ALL).text(change.owner.scheme).text(change.owner.id).int(PERSISTENT);
    return;
  }
  if (change.kind === 'setData') to.bytes(change.data);
  to.int(change.version);
}

function readMulti(from: JuteReader, count: number): MultiResult {
  let failed: MultiResult['failed'] = null;
  let errors = 0;
  for (let at = 0; ; at += 1) {
    const type = from.int();
    const isDone = from.boolean();
    from.int();
    if (isDone) {
      if (at !== count) throw new JuteError(`${count} changes have ${at} results`);
      return { failed: failed ?? (errors > 0 ? { at: 0, code: ROLLED_BACK } : null) };
    }
    if (at === count) throw new JuteError(`${count} changes have more results`);
    const code = readResult(from, type);
    if (type === RESULT_ERROR) errors += 1;
    // Every other change of a failed multi bears a code as well; the one that failed comes with its own.
    if (code !== 0 && code !== ROLLED_BACK && failed === null) failed = { at, code };
  }
}

/** Code of a change that was fine but for another one of its multi. */
const ROLLED_BACK = -2;

function readResult(from: JuteReader, type: number): number {
  switch (type) {
    case OPERATION.create:
      from.text();
      return 0;
    case OPERATION.setData:
      readStat(from);
      return 0;
    case OPERATION.delete:
    case OPERATION.check:
      return 0;
    case RESULT_ERROR:
      return from.int();
    default:
      throw new JuteError(`a result has an unknown type, value was ${type}`);
  }
}

function readPath(from: JuteReader): void {
  from.text();
}

function readAndForgetStat(from: JuteReader): void {
  readStat(from);
}

function readNothing(): void {}
