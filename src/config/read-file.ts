// How files enter the configuration: bounded, as UTF-8, and with a reason where they cannot be read.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { err, ok, type Result } from '../base/result.ts';
import type { ConfigProblem } from './config-problem.ts';

/** Secrets are tokens, passwords and keys; a larger file was named by mistake. */
export const SECRET_FILE_MAX_OCTETS = 65_536;

/** A text of at most `maxOctets`, or why there is none. Blocks while it reads. */
export function readBounded(
  path: string,
  maxOctets: number,
): Result<{ readonly text: string; readonly mode: number }, string> {
  let descriptor: number | null = null;
  try {
    // Non-blocking, because opening a named pipe would otherwise wait for a writer that may never come.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const { mode } = fstatSync(descriptor);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) return err('not a regular file');
    const octets = readUpTo(descriptor, maxOctets + 1);
    if (octets.length > maxOctets) return err(`longer than ${maxOctets} octets`);
    return ok({ text: new TextDecoder('utf-8', { fatal: true }).decode(octets), mode: mode & 0o777 });
  } catch (error) {
    return err(reasonOf(error));
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

/** The first octets of a file. The size that the file system tells is not asked: files of /proc say 0. */
function readUpTo(descriptor: number, maxOctets: number): Uint8Array {
  const buffer = new Uint8Array(maxOctets);
  let length = 0;
  while (length < maxOctets) {
    const count = readSync(descriptor, buffer, length, maxOctets - length, null);
    if (count === 0) break;
    length += count;
  }
  return buffer.subarray(0, length);
}

function reasonOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  switch (code) {
    case 'ENOENT':
      return 'it does not exist';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return 'it is not UTF-8 text';
    default:
      return typeof code === 'string' ? code : 'unknown fault of the file system';
  }
}

export function unreadable(file: string, reason: string): ConfigProblem {
  return {
    file,
    line: 1,
    column: 1,
    path: '',
    value: null,
    reason: `the file cannot be read: ${reason}`,
    remedy: 'Name an existing file with --config, readable for the user of oneup',
    rule: null,
    code: 'ONEUP_CONFIG_INVALID',
    severity: 'problem',
  };
}
