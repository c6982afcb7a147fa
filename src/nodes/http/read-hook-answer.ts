// Reads the answers of a hook. A signature shows who answered, not that the answer makes sense: what has another shape is
// refused, and texts are cut to what evidence may hold.
import type { Secret } from '../../base/secret.ts';
import type { ActionEvidence, ActionResult } from '../../ports/node-driver.ts';
import type { Recalled } from '../action-carrier.ts';
import { redactTail } from '../redact-tail.ts';

type Fields = Readonly<Record<string, unknown>>;

const KINDS = ['done', 'failed', 'timeout', 'killed', 'refused'] as const;
const ROLES = ['active', 'standby', 'stopped', 'starting', 'unknown'] as const;
const OUTPUT_CHARS = 4_096;
const REASON_CHARS = 500;

export function readHello(answer: unknown): string | null {
  const { nonce } = fieldsOf(answer);
  return typeof nonce === 'string' && /^[\x21-\x7e]{8,128}$/.test(nonce) ? nonce : null;
}

export function readResult(answer: unknown, secrets: readonly Secret[]): ActionResult | null {
  const fields = fieldsOf(answer);
  const kind = KINDS.find((known) => known === fields.kind);
  const evidence = readEvidence(fields, secrets);
  if (kind === undefined || evidence === null) return null;
  const reason = textOf(fields.reason, secrets, REASON_CHARS) || `the hook says ${kind}`;
  return { kind, reason, evidence, repeated: fields.repeated === true };
}

export function readStatus(answer: unknown, secrets: readonly Secret[]): Recalled | null {
  const fields = fieldsOf(answer);
  const role = ROLES.find((known) => known === fields.role);
  const numbers = [fields.generation, fields.epoch, fields.step].map(naturalOf);
  const [generation, epoch, step] = numbers;
  if (role === undefined || generation == null || epoch == null || step == null) return null;
  return {
    role,
    running: typeof fields.isRunning === 'boolean' ? fields.isRunning : null,
    ...{ generation, epoch, step },
    lastResult: readResult(fields.lastResult, secrets),
    reason: textOf(fields.reason, secrets, REASON_CHARS) || `The hook says ${role}`,
    isStarting: role === 'starting',
    isHeard: true,
  };
}

export type HookWord = { readonly word: string | null; readonly reason: string; readonly evidence: ActionEvidence };

/** `word` is null when the hook says why it cannot tell. */
export function readWord(answer: unknown, secrets: readonly Secret[]): HookWord | null {
  const fields = fieldsOf(answer);
  const evidence = readEvidence(fields, secrets);
  if (evidence === null) return null;
  const word = textOf(fields.word, secrets, REASON_CHARS).trim();
  const reason = textOf(fields.reason, secrets, REASON_CHARS);
  return { word: word === '' || (evidence.exitCode ?? 0) !== 0 ? null : word, reason, evidence };
}

function readEvidence(fields: Fields, secrets: readonly Secret[]): ActionEvidence | null {
  const exitCode = fields.exitCode === null || fields.exitCode === undefined ? null : naturalOf(fields.exitCode);
  const isWrong = exitCode === null && fields.exitCode !== null && fields.exitCode !== undefined;
  const durationMs = fields.durationMs === undefined ? 0 : naturalOf(fields.durationMs);
  if (isWrong || durationMs === null) return null;
  return { exitCode, signal: null, output: textOf(fields.output, secrets, OUTPUT_CHARS), durationMs };
}

function fieldsOf(answer: unknown): Fields {
  return typeof answer === 'object' && answer !== null && !Array.isArray(answer) ? (answer as Fields) : {};
}

function naturalOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

function textOf(value: unknown, secrets: readonly Secret[], charsMax: number): string {
  return typeof value === 'string' ? redactTail(value.slice(-charsMax), { isCut: true, secrets }) : '';
}
