// Reads one line of a client into a request, or says what is wrong with it. Nothing of a line is trusted: a service's name
// becomes the name of a file, and numbers become deadlines.
import { err, ok, type Result } from '../base/result.ts';
import type { ToKeeper } from './keeper-protocol.ts';

export type BadRequest = { readonly id: number | null; readonly reason: string };

const SERVICE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** An hour of orderly stopping; a longer one is taken for a mistake. */
const GRACE_MAX_MS = 3_600_000;

/** As systemd.unit(5) has it, services only. */
const UNIT = /^[A-Za-z0-9:_.@][A-Za-z0-9:_.@\\-]{0,239}\.service$/;

type Fields = { readonly [key: string]: unknown };
type Checks = { readonly [key: string]: readonly [isGood: (value: unknown) => boolean, wanted: string] };

const ID = [isCount, 'a whole number'] as const;
const SERVICE_FIELD = [(value: unknown) => typeof value === 'string' && SERVICE.test(value), 'a name'] as const;
const COUNT = [isCount, 'a whole number'] as const;

const CHECKS: { readonly [kind in ToKeeper['kind']]: Checks } = {
  hello: { id: ID },
  arm: { id: ID, service: SERVICE_FIELD, epoch: COUNT, deadlineBootMs: [isTime, 'milliseconds'] },
  spawn: {
    id: ID,
    service: SERVICE_FIELD,
    epoch: COUNT,
    step: [(value) => isCount(value) && value !== 0, 'a whole number above zero'],
    argv: [isArgv, 'a program and its arguments'],
    cwd: [(value) => value === null || (isText(value) && value.startsWith('/')), 'null or an absolute path'],
    env: [isEnvironment, 'names and texts'],
    unit: [isUnitOrNone, 'the name of a unit'],
  },
  host: { id: ID, service: SERVICE_FIELD, epoch: COUNT },
  stop: {
    id: ID,
    service: SERVICE_FIELD,
    graceMs: [(value) => isTime(value) && value <= GRACE_MAX_MS, 'milliseconds'],
    unit: [isUnitOrNone, 'the name of a unit'],
  },
  unit: { id: ID, service: SERVICE_FIELD, unit: [isUnit, 'the name of a unit'] },
};

export function parseRequest(line: string): Result<ToKeeper, BadRequest> {
  const fields = parseObject(line);
  if (fields === null) return err({ id: null, reason: 'Cannot read request: it is no JSON object' });
  const id = isCount(fields.id) ? fields.id : null;
  const checks = isKind(fields.kind) ? CHECKS[fields.kind] : null;
  if (checks === null) return err({ id, reason: 'Cannot read request: its kind is unknown' });
  // Values are not repeated: an environment may hold secrets.
  for (const [name, [isGood, wanted]] of Object.entries(checks)) {
    if (!isGood(fields[name])) return err({ id, reason: `Cannot read request: ${name} is not ${wanted}` });
  }
  const unknown = Object.keys(fields).find((name) => name !== 'kind' && !Object.hasOwn(checks, name));
  if (unknown !== undefined) return err({ id, reason: 'Cannot read request: it has a field that is unknown here' });
  return ok(fields as unknown as ToKeeper);
}

function parseObject(line: string): Fields | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}

function isKind(value: unknown): value is ToKeeper['kind'] {
  return typeof value === 'string' && Object.hasOwn(CHECKS, value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** The kernel ends texts at a zero byte, so one with such a byte would mean something else there. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0');
}

function isUnitOrNone(value: unknown): boolean {
  return value === undefined || isUnit(value);
}

function isUnit(value: unknown): boolean {
  return typeof value === 'string' && UNIT.test(value);
}

function isArgv(value: unknown): boolean {
  return (
    Array.isArray(value) && value.length > 0 && value.every(isText) && value[0] !== '' && !value[0]?.startsWith('-')
  );
}

function isEnvironment(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(
    ([name, text]) => isText(name) && name !== '' && !name.includes('=') && isText(text),
  );
}
