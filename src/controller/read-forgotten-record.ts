// What stays of a service that was forgotten: the numbers that nobody may see twice. Guards, hooks and agents keep the highest step
// that they saw (S12), and an outside provider may keep the ownership TXT (S26): a service that began at 0 again under the same id
// would take an old stop for its own proof (S17), or be refused everywhere.
import { EMPTY_SERVICE_RECORD, type ServiceRecord } from '../failover/service-state.ts';

/** `damaged`: the record could not be read when it was forgotten, so nobody knows above what a new one would have to begin. */
export type Remembered = { readonly kind: 'record'; readonly record: ServiceRecord } | { readonly kind: 'damaged' };

/** The text that takes the place of a service's record; with nobody active, so that nothing takes it for a service that runs. */
export function forgottenText(text: string): string {
  const numbers = readNumbers(readObject(text));
  const left = numbers === null ? { epoch: null, active: null } : emptyAt(numbers);
  return JSON.stringify({ forgotten: true, ...left });
}

/** The record of a service of which no more is known than that it had this epoch: it begins above it (S4). */
export function recordAbove(epoch: number): string {
  return JSON.stringify(emptyAt({ epoch: epoch + 1, step: 0, crumbVersion: 0, seq: 0 }));
}

/** Null for the record of a service that was not forgotten. After `recover` a damaged one counts as well: the generation is new (S4). */
export function readForgotten(text: string): Remembered | null {
  const left = readObject(text);
  if (left?.forgotten !== true) return null;
  const epoch = numberIn(left.epoch);
  if (epoch === null) return { kind: 'damaged' };
  const dns = objectIn(left.dns);
  const [step, crumbVersion, seq] = [left.step, left.crumbVersion, dns?.seq].map((value) => numberIn(value) ?? 0);
  return {
    kind: 'record',
    record: emptyAt({ epoch, step: step ?? 0, crumbVersion: crumbVersion ?? 0, seq: seq ?? 0 }),
  };
}

/** Whether DNS holds, or may hold, a write of this record, also one of a generation before (S4). One that cannot be read comes back after `recover` only. */
export function mayBePublished(text: string): boolean {
  return dnsRecordsIn(readObject(text)).some((dns) => {
    const unconfirmed = Array.isArray(dns.unconfirmed) ? dns.unconfirmed : [];
    const writes = [dns.confirmed, dns.pending, ...unconfirmed];
    return dns.wasPublished === true || writes.some((write) => objectIn(write) !== null);
  });
}

/** Of the first provider and of every second one that there ever was. */
function dnsRecordsIn(record: Readonly<Record<string, unknown>> | null): readonly Readonly<Record<string, unknown>>[] {
  const seconds = Object.values(objectIn(record?.seconds) ?? {}).map((second) => objectIn(second)?.dns);
  return [record?.dns, ...seconds].map(objectIn).filter((dns) => dns !== null);
}

/** The same record, given up: from here on only `forget` goes on, so that nobody writes under the ownership TXT that it removes (S26). */
export function disowningText(text: string): string {
  return JSON.stringify({ ...readObject(text), disowning: true });
}

export function isDisowning(text: string): boolean {
  return readObject(text)?.disowning === true;
}

/** Where DNS has the name of a service that has left the configuration. */
export type LeftRecord = {
  readonly name: string;
  readonly zone: string;
  readonly provider: string;
  /** Where it has it besides; null: nowhere. */
  readonly second: { readonly zone: string; readonly provider: string } | null;
};

/** Null where that is not on record. */
export function readLeftRecord(text: string): LeftRecord | null {
  const left = objectIn(readObject(text)?.releasedRecord);
  const [first, second] = [placeIn(left), placeIn(objectIn(left?.second))];
  return first === null || typeof left?.name !== 'string' ? null : { name: left.name, ...first, second };
}

function placeIn(value: Readonly<Record<string, unknown>> | null): { zone: string; provider: string } | null {
  const { zone, provider } = value ?? {};
  return typeof zone === 'string' && typeof provider === 'string' ? { zone, provider } : null;
}

type Numbers = {
  readonly epoch: number;
  readonly step: number;
  readonly crumbVersion: number;
  readonly seq: number;
};

function emptyAt({ epoch, step, crumbVersion, seq }: Numbers): ServiceRecord {
  const dns = { ...EMPTY_SERVICE_RECORD.dns, seq };
  // Somebody may run it by hand meanwhile: a person says when it is served again (S11).
  return { ...EMPTY_SERVICE_RECORD, epoch, step, crumbVersion, dns, awaitsOperator: epoch > 0 };
}

function readNumbers(record: Readonly<Record<string, unknown>> | null): Numbers | null {
  const [epoch, step, crumbVersion] = [record?.epoch, record?.step, record?.crumbVersion].map(numberIn);
  const dns = dnsRecordsIn(record).map(({ seq }) => numberIn(seq));
  if (epoch == null || step == null || crumbVersion == null || !dns.every((seq) => seq !== null)) return null;
  if (objectIn(record?.dns) === null) return null;
  return { epoch, step, crumbVersion, seq: Math.max(...dns) };
}

function numberIn(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

function objectIn(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null ? { ...value } : null;
}

function readObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    return objectIn(JSON.parse(text));
  } catch {
    return null;
  }
}
