// Reads an UPDATE as a server must (RFC 2136 section 3): its zone, prerequisites by RRset, and steps in order.
// Total: any message gives an update, or the response code that the standard wants with the reason.
import { err, ok, type Result } from '../base/result.ts';
import { canonicalName } from './canonical-name.ts';
import type { Message, MessageRecord } from './decode-message.ts';
import { RCODE } from './rcode.ts';
import { CLASS_ANY, CLASS_IN, CLASS_NONE, RR_TYPE, rrTypeOf } from './rr-type.ts';
import { type RrType, rrsetKeyText } from './rrset.ts';
import { OPCODE_UPDATE, type Prerequisite, type Update, type UpdateStep } from './update.ts';

export type UpdateFault = { readonly rcode: number; readonly reason: string };

type Values = { name: string; type: RrType; values: string[] };

export function decodeUpdate(message: Message): Result<Update, UpdateFault> {
  if (message.isResponse || message.opcode !== OPCODE_UPDATE) return formErr('the message is no UPDATE');
  const [question] = message.questions;
  // Section 3.1.1: exactly one zone, named by its SOA.
  if (question === undefined || message.questions.length > 1 || question.type !== 'SOA') {
    return formErr('the zone section is not one SOA');
  }
  if (question.class !== CLASS_IN) return fault(RCODE.NOTAUTH, `class ${question.class} is not served`);
  const zone = lowerCase(question.name);
  const isInZone = (name: string) => name === zone || zone === '.' || name.endsWith(`.${zone}`);
  for (const record of [...message.answers, ...message.authorities]) {
    // Sections 3.2.1.2 and 3.4.1.3.
    if (!isInZone(lowerCase(record.name))) return fault(RCODE.NOTZONE, `${record.name} is not in ${zone}`);
  }
  const prerequisites = readPrerequisites(message.answers);
  if (!prerequisites.ok) return prerequisites;
  const steps: UpdateStep[] = [];
  for (const record of message.authorities) {
    const step = readStep(record);
    if (!step.ok) return step;
    steps.push(step.value);
  }
  return ok({ id: message.id, zone, prerequisites: prerequisites.value, steps });
}

/** Section 3.2.3: values of one name and type are one RRset, wherever they stand in the section. */
function readPrerequisites(records: readonly MessageRecord[]): Result<readonly Prerequisite[], UpdateFault> {
  const prerequisites: Prerequisite[] = [];
  const valued = new Map<string, Values>();
  for (const record of records) {
    const name = lowerCase(record.name);
    if (record.ttlSeconds !== 0) return formErr(`a prerequisite of ${name} has a TTL`);
    if (record.class === CLASS_IN) {
      const type = storedType(record);
      if (!type.ok) return type;
      const entry = valued.get(rrsetKeyText({ name, type: type.value })) ?? { name, type: type.value, values: [] };
      if (entry.values.length === 0) {
        valued.set(rrsetKeyText(entry), entry);
        prerequisites.push({ kind: 'rrsetIs', rrset: entry });
      }
      entry.values.push(record.text);
      continue;
    }
    const prerequisite = readBare(name, record);
    if (!prerequisite.ok) return prerequisite;
    prerequisites.push(prerequisite.value);
  }
  return ok(prerequisites);
}

function readBare(name: string, record: MessageRecord): Result<Prerequisite, UpdateFault> {
  if (record.rdata.length > 0) return formErr(`a prerequisite of ${name} has rdata`);
  const exists = record.class === CLASS_ANY;
  if (!exists && record.class !== CLASS_NONE) return formErr(`a prerequisite of ${name} has class ${record.class}`);
  if (record.type === 'ANY') return ok({ kind: exists ? 'nameInUse' : 'nameNotInUse', name });
  const type = storedType(record);
  if (!type.ok) return type;
  return ok({ kind: exists ? 'rrsetExists' : 'noRrset', key: { name, type: type.value } });
}

/** Section 3.4.1. */
function readStep(record: MessageRecord): Result<UpdateStep, UpdateFault> {
  const name = lowerCase(record.name);
  const isBare = record.rdata.length === 0 && record.text === '';
  if (record.class !== CLASS_IN && record.ttlSeconds !== 0) return formErr(`a deletion at ${name} has a TTL`);
  if (record.class === CLASS_ANY && record.type === 'ANY') {
    return isBare ? ok({ kind: 'deleteName', name }) : formErr(`a deletion at ${name} has rdata`);
  }
  const type = storedType(record);
  if (!type.ok) return type;
  const key = { name, type: type.value };
  switch (record.class) {
    case CLASS_IN:
      return ok({ kind: 'add', rrset: { ...key, ttlSeconds: record.ttlSeconds, values: [record.text] } });
    case CLASS_ANY:
      return isBare ? ok({ kind: 'deleteRrset', key }) : formErr(`a deletion at ${name} has rdata`);
    case CLASS_NONE:
      return isBare
        ? formErr(`a deletion of a value at ${name} has no value`)
        : ok({ kind: 'deleteValues', rrset: { ...key, values: [record.text] } });
    default:
      return formErr(`a step at ${name} has class ${record.class}`);
  }
}

/** Meta types are never data (section 3.4.1.2); a type that cannot be held here is refused as policy is. */
function storedType(record: MessageRecord): Result<RrType, UpdateFault> {
  const number = Object.entries(RR_TYPE).find(([name]) => name === record.type)?.[1];
  const type = number === undefined ? null : rrTypeOf(number);
  if (type !== null) return ok(type);
  const isMeta = number !== undefined && number >= 128 && number <= 255;
  return isMeta
    ? formErr(`${record.type} is no type of data`)
    : fault(RCODE.REFUSED, `${record.type} is not held here`);
}

function lowerCase(name: string): string {
  const canonical = canonicalName(name);
  return canonical.ok ? canonical.value : name;
}

function formErr(reason: string): Result<never, UpdateFault> {
  return fault(RCODE.FORMERR, reason);
}

function fault(rcode: number, reason: string): Result<never, UpdateFault> {
  return err({ rcode, reason });
}
