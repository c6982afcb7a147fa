// What one prober found, as it stands in the store: read with care, because a prober of another version may have written it.
import type { ProberId } from '../../base/ids.ts';
import type { Enforced, Facts } from './facts.ts';
import type { Area, Finding, Outcome } from './finding.ts';

export type Vantage = {
  readonly prober: ProberId;
  /** Empty from a prober that did not answer: then `problem` says why. */
  readonly findings: readonly Finding[];
  /** How many findings were in order, when they were too many to be listed. */
  readonly unlisted: number;
  readonly problem: string | null;
};

export type VantageRecord = {
  /** Of the question. */
  readonly id: string;
  readonly vantage: Vantage;
  readonly facts: Facts | null;
};

/** Null for anything but such a record. */
export function parseVantage(text: string | undefined): VantageRecord | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

type Fields = Readonly<Record<string, unknown>>;

const AREAS: Readonly<Record<Area, true>> = {
  store: true,
  check: true,
  proxy: true,
  action: true,
  fence: true,
  agent: true,
  'name server': true,
  provider: true,
  alert: true,
  reference: true,
};
const OUTCOMES: readonly unknown[] = ['ok', 'expected', 'wrong', 'untried'] satisfies readonly Outcome[];
const ENFORCED: readonly unknown[] = ['watchdog', 'keeper', 'none'] satisfies readonly Enforced[];

function isRecord(value: unknown): value is VantageRecord {
  if (!isMap(value) || typeof value.id !== 'string' || !isMap(value.vantage)) return false;
  const { prober, findings, unlisted, problem } = value.vantage;
  const isWhole = typeof prober === 'string' && typeof unlisted === 'number' && Array.isArray(findings);
  if (!isWhole || (problem !== null && typeof problem !== 'string')) return false;
  return findings.every(isFinding) && (value.facts === null || isFacts(value.facts));
}

function isFinding(value: unknown): boolean {
  if (!isMap(value) || typeof value.subject !== 'string' || typeof value.says !== 'string') return false;
  return typeof value.area === 'string' && Object.hasOwn(AREAS, value.area) && OUTCOMES.includes(value.outcome);
}

function isFacts(value: unknown): boolean {
  if (!isMap(value) || typeof value.generation !== 'number' || !isMap(value.active) || !isMap(value.agents))
    return false;
  const texts = isMap(value.unfit) ? [...Object.values(value.active), ...Object.values(value.unfit)] : [null];
  const isNamed = texts.every((text) => typeof text === 'string');
  return isNamed && Object.values(value.agents).every((word) => ENFORCED.includes(word));
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
