// Writes an UPDATE as a client sends it (RFC 2136 section 2), before it is signed.
import { assertNever } from '../base/assert-never.ts';
import { err, ok, type Result } from '../base/result.ts';
import { parseName } from './domain-name.ts';
import { parseRdata } from './parse-rdata.ts';
import { CLASS_ANY, CLASS_IN, CLASS_NONE, RR_TYPE } from './rr-type.ts';
import type { Rrset } from './rrset.ts';
import { OPCODE_UPDATE, type Prerequisite, type Update, type UpdateStep } from './update.ts';

/** One record of either section; `value` null means no rdata. */
type Line = Pick<Rrset, 'name'> & {
  readonly type: Rrset['type'] | 'ANY';
  readonly class: number;
  readonly ttlSeconds: number;
  readonly value: string | null;
};

/** RFC 1035 section 4.2.2: two octets of length before a message over TCP. */
const MESSAGE_MAX_OCTETS = 65_535;

/** The error says which record cannot be written. */
export function encodeUpdate({ id, zone, prerequisites, steps }: Update): Result<Uint8Array, string> {
  const zoneName = parseName(zone);
  if (!zoneName.ok) return err(`zone ${zone}: ${zoneName.error}`);
  const sections = [prerequisites.flatMap(linesOfPrerequisite), steps.flatMap(linesOfStep)];
  const octets: number[] = [];
  for (const line of sections.flat()) {
    const encoded = encodeLine(line);
    if (!encoded.ok) return err(`${line.name}|${line.type}: ${encoded.error}`);
    for (const octet of encoded.value) octets.push(octet);
    if (octets.length > MESSAGE_MAX_OCTETS) return err('the changes do not fit into one message');
  }
  const [prerequisiteCount = 0, stepCount = 0] = sections.map((lines) => lines.length);
  const header = [...u16(id), OPCODE_UPDATE << 3, 0, 0, 1, ...u16(prerequisiteCount), ...u16(stepCount), 0, 0];
  // Section 2.3: the zone section is one SOA question.
  return ok(Uint8Array.from([...header, ...zoneName.value, ...u16(RR_TYPE.SOA), ...u16(CLASS_IN), ...octets]));
}

function linesOfPrerequisite(prerequisite: Prerequisite): readonly Line[] {
  switch (prerequisite.kind) {
    case 'rrsetExists':
      return [bare(prerequisite.key, CLASS_ANY)];
    case 'rrsetIs':
      return withValues(prerequisite.rrset, { class: CLASS_IN, ttlSeconds: 0 });
    case 'noRrset':
      return [bare(prerequisite.key, CLASS_NONE)];
    case 'nameInUse':
      return [bare({ name: prerequisite.name, type: 'ANY' }, CLASS_ANY)];
    case 'nameNotInUse':
      return [bare({ name: prerequisite.name, type: 'ANY' }, CLASS_NONE)];
    default:
      return assertNever(prerequisite);
  }
}

function linesOfStep(step: UpdateStep): readonly Line[] {
  switch (step.kind) {
    case 'add':
      return withValues(step.rrset, { class: CLASS_IN, ttlSeconds: step.rrset.ttlSeconds });
    case 'deleteRrset':
      return [bare(step.key, CLASS_ANY)];
    case 'deleteName':
      return [bare({ name: step.name, type: 'ANY' }, CLASS_ANY)];
    case 'deleteValues':
      return withValues(step.rrset, { class: CLASS_NONE, ttlSeconds: 0 });
    default:
      return assertNever(step);
  }
}

function bare({ name, type }: Pick<Line, 'name' | 'type'>, recordClass: number): Line {
  return { name, type, class: recordClass, ttlSeconds: 0, value: null };
}

function withValues(
  { name, type, values }: Pick<Rrset, 'name' | 'type' | 'values'>,
  rest: Pick<Line, 'class' | 'ttlSeconds'>,
): readonly Line[] {
  return values.map((value) => ({ name, type, value, ...rest }));
}

function encodeLine({ name, type, class: recordClass, ttlSeconds, value }: Line): Result<readonly number[], string> {
  const owner = parseName(name);
  if (!owner.ok) return owner;
  let rdata = new Uint8Array();
  if (value !== null && type !== 'ANY') {
    const parsed = parseRdata(type, value);
    if (!parsed.ok) return err(`${parsed.error}, value was ${value}`);
    rdata = Uint8Array.from(parsed.value);
  }
  const ttl = [...u16(ttlSeconds >>> 16), ...u16(ttlSeconds & 0xffff)];
  return ok([...owner.value, ...u16(RR_TYPE[type]), ...u16(recordClass), ...ttl, ...u16(rdata.length), ...rdata]);
}

function u16(value: number): readonly [number, number] {
  return [(value >> 8) & 0xff, value & 0xff];
}
