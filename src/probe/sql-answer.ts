// What postgres and mysql checks share: the comparison of the first value, and readers of drivers that may throw.
import type { Duplex } from 'node:stream';
import { redact, type Secret } from '../base/secret.ts';
import { CheckFault } from './check-fault.ts';

const SHOWN_CHARS = 120;

/** What a pass shows; throws CheckFault when the first value is not the wanted one. Values are compared as text. */
export function judgeFirstValue(row: readonly unknown[] | undefined, expect: string | null): string {
  if (expect === null) return row === undefined ? 'no row' : 'the query succeeded';
  if (row === undefined) throw new CheckFault('fail', `the query gave no row, expected ${JSON.stringify(expect)}`);
  const value = String(row[0]);
  if (value === expect) return `the query gave ${JSON.stringify(value.slice(0, SHOWN_CHARS))}`;
  const shown = JSON.stringify(value.slice(0, SHOWN_CHARS));
  throw new CheckFault('fail', `the query gave ${shown}, expected ${JSON.stringify(expect)}`);
}

/** The words of a server, short and without the password. */
export function serverWords(error: Error, password: Secret | null): string {
  const clean = redact(error.message, password === null ? [] : [password]);
  return clean.replaceAll(/\s+/g, ' ').slice(0, 2 * SHOWN_CHARS);
}

/** What a driver throws over bytes that it cannot read ends the connection instead of the process. */
export function guardReader(stream: Duplex): void {
  const emit = stream.emit.bind(stream);
  stream.emit = (event: string | symbol, ...args: unknown[]) => {
    if (event !== 'data') return emit(event, ...args);
    try {
      return emit(event, ...args);
    } catch (error) {
      stream.destroy(error instanceof Error ? error : new Error(String(error)));
      return true;
    }
  };
}
