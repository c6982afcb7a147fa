// What one try of `check-config --connect` found, as plain data: it travels through the store and is shown by other machines.
import { redact, type Secret } from '../../base/secret.ts';

export type Area =
  | 'store'
  | 'check'
  | 'proxy'
  | 'action'
  | 'fence'
  | 'agent'
  | 'name server'
  | 'provider'
  | 'alert'
  | 'reference';

/**
 * `expected`: not in order by itself, but as it should be now, such as a standby that is down. `untried`: it cannot be asked
 * without an effect, or what it rests on is missing.
 */
export type Outcome = 'ok' | 'expected' | 'wrong' | 'untried';

export type Finding = {
  readonly area: Area;
  readonly subject: string;
  readonly outcome: Outcome;
  readonly says: string;
};

/** Longer texts would make the answers of many services too long for one record. */
const SAYS_MAX_CHARS = 400;
const SUBJECT_MAX_CHARS = 200;

/** Without secrets, in one line, and short. */
export function cleaned(finding: Finding, secrets: readonly Secret[]): Finding {
  const clean = (text: string, charsMax: number) => {
    const line = redact(text, secrets).replace(/\s+/g, ' ').trim();
    return line.length > charsMax ? `${line.slice(0, charsMax)}...` : line;
  };
  return { ...finding, subject: clean(finding.subject, SUBJECT_MAX_CHARS), says: clean(finding.says, SAYS_MAX_CHARS) };
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
