// The parts of etcd's transactions that oneup uses, as the gateway writes them (etcd documentation, "rpc.proto").
import { rangeEnd, toBase64 } from './etcd-records.ts';

export type EtcdCompare = Readonly<Record<string, string>>;
export type EtcdOp = Readonly<Record<string, unknown>>;

export function isAbsent(name: string): EtcdCompare {
  return { key: toBase64(name), target: 'CREATE', result: 'EQUAL', create_revision: '0' };
}

export function isThere(name: string): EtcdCompare {
  return { key: toBase64(name), target: 'CREATE', result: 'GREATER', create_revision: '0' };
}

export function hasCreateRevision(name: string, revision: number): EtcdCompare {
  return { key: toBase64(name), target: 'CREATE', result: 'EQUAL', create_revision: String(revision) };
}

export function hasModRevision(name: string, revision: number): EtcdCompare {
  return { key: toBase64(name), target: 'MOD', result: 'EQUAL', mod_revision: String(revision) };
}

export function put(name: string, value: string, lease?: string): EtcdOp {
  const bound = lease === undefined ? {} : { lease };
  return { request_put: { key: toBase64(name), value: toBase64(value), ...bound } };
}

export function remove(name: string): EtcdOp {
  return { request_delete_range: { key: toBase64(name) } };
}

export function read(name: string, options: { readonly keysOnly?: boolean } = {}): EtcdOp {
  return { request_range: { key: toBase64(name), keys_only: options.keysOnly === true } };
}

/** Everything that begins with the prefix. */
export function readAll(prefix: string): EtcdOp {
  return { request_range: { key: toBase64(prefix), range_end: rangeEnd(prefix) } };
}

/** Done only if the key is still as it was at that revision. */
export function removeIf(name: string, revision: number): EtcdOp {
  return { request_txn: { compare: [hasModRevision(name, revision)], success: [remove(name)] } };
}
