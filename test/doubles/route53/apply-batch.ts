// A change batch on the record sets of a zone: all of it or nothing, each change in its order on a working copy.
// "ChangeResourceRecordSets", https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
import { findBatchFaults, findNeighbourFault, findSetFaults } from './batch-rules.ts';
import type { Input } from './read-input.ts';
import { isSameSet, type RecordSet, recordSet, setKey } from './record-set.ts';

export type RecordSets = ReadonlyMap<string, RecordSet>;

export type BatchResult =
  | { readonly kind: 'done'; readonly sets: RecordSets; readonly changes: number }
  | { readonly kind: 'invalidInput'; readonly message: string }
  | { readonly kind: 'invalidBatch'; readonly messages: readonly string[] };

export function applyBatch(zone: string, sets: RecordSets, batch: Input): BatchResult {
  const changes = (batch.Changes ?? []) as readonly Input[];
  const malformed = findBatchFaults(changes);
  if (malformed !== null) return malformed;
  const working = new Map(sets);
  const messages: string[] = [];
  for (const { Action: action, ResourceRecordSet: fields } of changes) {
    const faults = findSetFaults(zone, fields as Input);
    messages.push(...faults);
    if (faults.length > 0) continue;
    const change = recordSet(fields as Input);
    const fault = action === 'DELETE' ? remove(working, change) : put(zone, working, change, action === 'CREATE');
    if (fault !== null) messages.push(fault);
  }
  return messages.length > 0
    ? { kind: 'invalidBatch', messages }
    : { kind: 'done', sets: working, changes: changes.length };
}

function remove(working: Map<string, RecordSet>, wanted: RecordSet): string | null {
  const held = working.get(setKey(wanted));
  const what = `Tried to delete resource record set [${describe(wanted)}]`;
  if (held === undefined) return `${what} but it was not found`;
  if (!isSameSet(held, wanted)) return `${what} but the values provided do not match the current values`;
  working.delete(setKey(wanted));
  return null;
}

function put(zone: string, working: Map<string, RecordSet>, wanted: RecordSet, mustBeNew: boolean): string | null {
  if (mustBeNew && working.has(setKey(wanted)))
    return `Tried to create resource record set [${describe(wanted)}] but it already exists`;
  const others = [...working.values()].filter((held) => setKey(held) !== setKey(wanted));
  const fault = findNeighbourFault(zone, others, wanted);
  if (fault === null) working.set(setKey(wanted), wanted);
  return fault;
}

function describe({ name, type, identifier }: RecordSet): string {
  return `name='${name}', type='${type}'${identifier === null ? '' : `, set-identifier='${identifier}'`}`;
}
