// What can go wrong with a request, in the words that matter to the caller: may it have happened, and is another member worth
// asking? And etcd's own errors in oneup's words.
import { OneupError } from '../../base/oneup-error.ts';

export type EtcdFailureKind =
  /** The member did not answer, or answered that it cannot serve now: another one may. */
  | 'member'
  /** The token of the login is not known any more. */
  | 'token'
  | 'denied'
  /** The lease under which something was to be written is gone. */
  | 'lease'
  | 'full'
  | 'limit'
  /** The revision that was asked for is no longer kept. */
  | 'compacted'
  /** An answer that etcd does not give. */
  | 'garbage';

export class EtcdFailure extends Error {
  readonly kind: EtcdFailureKind;
  /** Whether a change may have happened. */
  readonly isInDoubt: boolean;

  constructor(
    kind: EtcdFailureKind,
    message: string,
    { isInDoubt, cause }: { readonly isInDoubt: boolean; readonly cause?: unknown },
  ) {
    super(message, { cause });
    this.kind = kind;
    this.isInDoubt = isInDoubt;
  }
}

/** gRPC status codes that etcd answers with (grpc.io, Status codes). */
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;
const RESOURCE_EXHAUSTED = 8;
const OUT_OF_RANGE = 11;
const UNAUTHENTICATED = 16;
const TEXT_MAX = 300;

/** Null for a good answer. */
export function readFailure({ status, text }: { readonly status: number; readonly text: string }): EtcdFailure | null {
  if (status === 200) return null;
  const { code, message } = readError(text);
  const say = `${message === '' ? 'no reason' : message} (HTTP ${status})`;
  return new EtcdFailure(kindOf(code, message), say, { isInDoubt: isUnsure(code) });
}

export function toOneupError(failure: EtcdFailure): OneupError {
  const { kind, message, isInDoubt } = failure;
  const because = { cause: failure };
  switch (kind) {
    case 'member':
      return new OneupError('ONEUP_STORE_UNREACHABLE', `Cannot reach etcd: ${message}`, because);
    case 'token':
    case 'denied':
      return new OneupError('ONEUP_STORE_DENIED', `Cannot use etcd: ${message}`, because);
    case 'full':
      return new OneupError('ONEUP_STORE_FULL', `Cannot write to etcd: ${message}`, {
        ...because,
        remedy: 'Run etcdctl compact and etcdctl defrag on every member, then etcdctl alarm disarm; see docs/stores.md',
      });
    case 'limit':
      return new OneupError('ONEUP_STORE_LIMIT', `Cannot write to etcd: ${message}`, {
        ...because,
        remedy: 'Start every member with --max-txn-ops 8192 --max-request-bytes 33554432; see docs/stores.md',
      });
    case 'lease':
    case 'compacted':
    case 'garbage':
      return new OneupError(
        'ONEUP_STORE_UNREACHABLE',
        `Cannot understand etcd: ${message}${isInDoubt ? ', the request may have been done' : ''}`,
        because,
      );
  }
}

function readError(text: string): { readonly code: number | null; readonly message: string } {
  try {
    const value = JSON.parse(text) as { code?: unknown; message?: unknown; error?: unknown };
    const code = typeof value.code === 'number' ? value.code : null;
    const said = [value.message, value.error].find((part) => typeof part === 'string') ?? '';
    return { code, message: String(said).slice(0, TEXT_MAX) };
  } catch {
    return { code: null, message: text.slice(0, TEXT_MAX) };
  }
}

function kindOf(code: number | null, message: string): EtcdFailureKind {
  if (code === UNAUTHENTICATED || /invalid auth token/.test(message)) return 'token';
  if (code === PERMISSION_DENIED || /authentication failed|permission denied|user name|password/.test(message))
    return 'denied';
  if (/space exceeded/.test(message)) return 'full';
  if (/too many operations|too large|larger than max/.test(message)) return 'limit';
  if (code === NOT_FOUND && /lease/.test(message)) return 'lease';
  if (code === OUT_OF_RANGE || /compacted/.test(message)) return 'compacted';
  if (code === INVALID_ARGUMENT) return 'garbage';
  return code === null ? 'garbage' : 'member';
}

/** Only these codes mean that the request was looked at and turned down; after any other it may have been carried out. */
function isUnsure(code: number | null): boolean {
  const sure = [INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED, RESOURCE_EXHAUSTED, OUT_OF_RANGE, UNAUTHENTICATED];
  return code === null || !sure.includes(code);
}
