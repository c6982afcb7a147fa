// The codes with which a server refuses, and what each means for the store.
import type { ErrorCode } from '../../base/error-catalogue.ts';
import { OneupError } from '../../base/oneup-error.ts';

export const CODE = {
  ok: 0,
  systemError: -1,
  connectionLoss: -4,
  marshalling: -5,
  unimplemented: -6,
  timeout: -7,
  badArguments: -8,
  noNode: -101,
  noRight: -102,
  badVersion: -103,
  nodeExists: -110,
  notEmpty: -111,
  sessionExpired: -112,
  invalidRights: -114,
  authFailed: -115,
  sessionMoved: -118,
  readOnly: -119,
  quotaExceeded: -125,
  throttled: -127,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(CODE).map(([name, code]) => [code, name]));

/** What a refusal means when nothing in the store explains it. `doing` completes "Cannot ...". */
export function refusal(code: number, doing: string): OneupError {
  const name = NAMES.get(code) ?? 'unknown';
  return new OneupError(meaningOf(code), `Cannot ${doing}: the ZooKeeper server answered ${name}, value was ${code}`);
}

function meaningOf(code: number): ErrorCode {
  switch (code) {
    case CODE.noRight:
    case CODE.authFailed:
    case CODE.invalidRights:
      return 'ONEUP_STORE_DENIED';
    case CODE.quotaExceeded:
      return 'ONEUP_STORE_FULL';
    case CODE.noNode:
    case CODE.nodeExists:
    case CODE.notEmpty:
      return 'ONEUP_STORE_CORRUPT';
    default:
      return 'ONEUP_STORE_UNREACHABLE';
  }
}
