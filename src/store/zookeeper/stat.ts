// What a server says about a znode beside its data.
import type { JuteReader } from './jute-reader.ts';

export type Stat = {
  /** The server's wall clock when the znode was created and last written; compared with each other only (S1). */
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly version: number;
};

export function readStat(from: JuteReader): Stat {
  // Transaction ids of the birth and of the last change.
  from.long();
  from.long();
  const createdMs = from.safeLong();
  const modifiedMs = from.safeLong();
  const version = from.int();
  // Versions of children and of rights, the owning session, the length of the data, the number of children, and the
  // transaction id of the last change of children.
  from.int();
  from.int();
  from.long();
  from.int();
  from.int();
  from.long();
  return { createdMs, modifiedMs, version };
}
