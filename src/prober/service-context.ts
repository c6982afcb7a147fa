// What a prober needs to know of a running operation: which node is the active one, which is to be verified, and which ought
// to be down by now. Read from the cluster's records; what cannot be read is as good as absent.
import type { NodeId, ServiceId } from '../base/ids.ts';
import type { StoreKeys } from '../base/store-keys.ts';
import type { StoreView } from '../ports/store-view.ts';
import type { Stamp } from './node-watch.ts';

export type ServiceContext = {
  readonly active: NodeId | null;
  readonly verify: (Stamp & { readonly node: NodeId }) | null;
  /** Set while an operation waits until every node but its target has gone silent. */
  readonly quietExcept: { readonly opId: string; readonly target: NodeId | null } | null;
};

export function readServiceContext(view: StoreView, keys: StoreKeys, service: ServiceId): ServiceContext {
  const record = readObject(view.get(keys.service(service))?.value);
  const op = readObject(view.get(keys.operation(service))?.value);
  const opId = readText(op.opId);
  const to = readText(op.to);
  const epoch = typeof op.epoch === 'number' ? op.epoch : null;
  const isVerifying = op.phase === 'VERIFY_NEW' && opId !== null && to !== null && epoch !== null;
  return {
    active: readText(record.active),
    verify: isVerifying ? { opId, epoch, node: to } : null,
    quietExcept: op.phase === 'CONFIRM_DOWN' && opId !== null ? { opId, target: to } : null,
  };
}

function readObject(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function readText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
