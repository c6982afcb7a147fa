// A prober's verdict as it lies in the store under obs/<service>/<node>/<prober>: JSON text, written on change (S23).
// What cannot be read exactly is no vote, so the parser refuses rather than guesses; unknown keys of newer versions are dropped.
import { err, ok, type Result } from '../base/result.ts';
import type { Verdict } from './health-state.ts';
import type { CheckPhase, PhaseTimes, Reach } from './probe-result.ts';

export type Observation = {
  readonly verdict: Verdict;
  /** The last non-error result passed: with an activeCheck this is "answering as active" (S25). */
  readonly answering: boolean;
  readonly reach: Reach;
  readonly reason: string;
  /** Phase in which the last result failed; absent after a pass. */
  readonly phase?: CheckPhase;
  readonly phases: PhaseTimes;
  /** Results of the last kind in a row. */
  readonly streak: number;
  /** For people only; never compared between machines (S1). */
  readonly checkedWallMs: number;
  readonly vantage: string;
  /** Set when the check began after START_NEW's result of this operation (S25). */
  readonly stamp: { readonly opId: string; readonly epoch: number } | null;
};

const VERDICTS = ['up', 'down', 'unknown'] as const;
const REACHES = ['reached', 'unreached', 'unknown'] as const;
const PHASES = ['resolve', 'connect', 'tls', 'firstByte', 'body', 'run'] as const satisfies readonly CheckPhase[];
/** Longest record read: a reason of some lines and six numbers; anything longer was not written by a prober. */
const OBSERVATION_MAX_CHARS = 16_384;

/** Reads the text of a record. The error says which field is wrong and what it held. */
export function parseObservation(text: string): Result<Observation, string> {
  if (text.length > OBSERVATION_MAX_CHARS)
    return err(`Cannot read observation: too long, value was ${text.length} chars`);
  try {
    return ok(readObservation(JSON.parse(text)));
  } catch (error) {
    return err(`Cannot read observation: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readObservation(value: unknown): Observation {
  const fields = readRecord(value, 'record');
  const phase = fields.phase;
  return Object.freeze({
    verdict: readOneOf(fields.verdict, 'verdict', VERDICTS),
    answering: readBoolean(fields.answering, 'answering'),
    reach: readOneOf(fields.reach, 'reach', REACHES),
    reason: readString(fields.reason, 'reason'),
    ...(phase === undefined ? {} : { phase: readOneOf(phase, 'phase', PHASES) }),
    phases: readPhases(fields.phases),
    streak: readCount(fields.streak, 'streak'),
    checkedWallMs: readDuration(fields.checkedWallMs, 'checkedWallMs'),
    vantage: readString(fields.vantage, 'vantage'),
    stamp: readStamp(fields.stamp),
  });
}

function readPhases(value: unknown): PhaseTimes {
  const fields = readRecord(value, 'phases');
  const phases: { -readonly [phase in CheckPhase]?: number } = {};
  for (const [name, ms] of Object.entries(fields)) {
    phases[readOneOf(name, 'phases', PHASES)] = readDuration(ms, `phases.${name}`);
  }
  return phases;
}

function readStamp(value: unknown): Observation['stamp'] {
  if (value === null) return null;
  const fields = readRecord(value, 'stamp');
  return { opId: readString(fields.opId, 'stamp.opId'), epoch: readCount(fields.epoch, 'stamp.epoch') };
}

function readRecord(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(name, 'an object', value);
  return value as Readonly<Record<string, unknown>>;
}

function readOneOf<const T extends string>(value: unknown, name: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw wrong(name, `one of ${choices.join(', ')}`, value);
  return found;
}

function readBoolean(value: unknown, name: string): boolean {
  if (typeof value !== 'boolean') throw wrong(name, 'true or false', value);
  return value;
}

function readString(value: unknown, name: string): string {
  if (typeof value !== 'string') throw wrong(name, 'text', value);
  return value;
}

function readCount(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw wrong(name, 'a whole number', value);
  return value;
}

function readDuration(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) throw wrong(name, 'a number from 0', value);
  return value;
}

function wrong(name: string, expected: string, value: unknown): Error {
  return new Error(`${name} must be ${expected}, value was ${JSON.stringify(value)?.slice(0, 80) ?? 'absent'}`);
}
