// Translates what zod says into findings: which key, what was expected, and what to write instead.
import type * as z from 'zod';
import { closestWord } from './closest-word.ts';
import type { ConfigFinding, ConfigPath } from './config-problem.ts';
import { KEY_SEPARATOR } from './schema/strict-keys.ts';
import { valueAt } from './value-at.ts';

type Issue = z.core.$ZodIssue;

/** Findings of one failed parse. `tree` is the whole file, `base` where in it the parsed value stands. */
export function findSchemaFaults(
  issues: readonly Issue[],
  { tree, base }: { readonly tree: unknown; readonly base: ConfigPath },
): readonly ConfigFinding[] {
  return issues
    .flatMap((issue) => translate(issue, [...base, ...issue.path.map(pathPart)]))
    .map((finding) => (valueAt(tree, finding.path) === undefined ? missing(finding, tree) : finding));
}

/** Words for the issues of one parse; what a schema says itself comes first. */
export function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${EXPECTED[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `expected ${oneOf(issue.values.map(String))}`;
    case 'too_small':
    case 'too_big':
      return describeBound(issue);
    default:
      return undefined;
  }
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map of keys',
  record: 'a map of keys',
  array: 'a list',
};

function describeBound(issue: z.core.$ZodRawIssue<z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig>): string {
  const bound = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
  if (issue.origin === 'array') return `expected ${bound} ${bound.endsWith(' 1') ? 'entry' : 'entries'}`;
  if (issue.origin === 'string') return `expected a text of ${bound} characters`;
  return `expected a number of ${bound}`;
}

function translate(issue: Issue, path: ConfigPath): readonly ConfigFinding[] {
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = issue.message.split(KEY_SEPARATOR);
      return issue.keys.map((key) => ({ path: [...path, key], point: 'key', ...unknownKey(key, known) }));
    }
    case 'invalid_union':
      return translateUnion(issue, path);
    case 'custom': {
      const { remedy, point } = (issue.params ?? {}) as { readonly remedy?: string; readonly point?: 'key' | 'value' };
      const words = { reason: issue.message, remedy: remedy ?? writeWhat(issue.message) };
      return [{ path, ...words, ...(point === undefined ? {} : { point }) }];
    }
    case 'invalid_value':
      return [{ path, reason: issue.message, remedy: `Write ${oneOf(issue.values.map(String))}` }];
    case 'invalid_type':
      return [{ path, reason: issue.message, remedy: remedyOfType(issue, path) }];
    default:
      return [{ path, reason: issue.message, remedy: writeWhat(issue.message) }];
  }
}

/** "expected at most 3" becomes "Write at most 3". */
function writeWhat(reason: string): string {
  return reason.startsWith('expected ') ? `Write ${reason.slice('expected '.length)}` : 'Change the value';
}

/** A node takes any key as an attribute, so the mistyped one beside the missing one may be all that is seen of it. */
function missing(finding: ConfigFinding, tree: unknown): ConfigFinding {
  const beside = valueAt(tree, finding.path.slice(0, -1));
  const written = typeof beside === 'object' && beside !== null ? Object.keys(beside) : [];
  const near = closestWord(String(finding.path.at(-1)), written);
  const remedy = near === null ? 'Add the key' : `Add the key; is it what "${near}" was meant to be?`;
  return { ...finding, reason: `the key is missing, ${finding.reason}`, remedy };
}

/** A number where a text belongs is most often a duration without its unit, or a word that wants quotes. */
function remedyOfType({ expected, message }: z.core.$ZodIssueInvalidType, path: ConfigPath): string {
  if (message.startsWith('expected a duration')) return 'Write a number and a unit: ms, s, m, h or d';
  // A script or an address alone, where it has to be said how it is run or asked.
  const isMap = expected === 'object';
  if (isMap && path.at(-2) === 'actions')
    return 'Write how it is run, such as { exec: [/path/to/script, "{node.id}"] }';
  if (isMap && path.at(-1) === 'check') return 'Write how it is asked, such as { http: "http://{address}:8080/" }';
  return REMEDIES[expected] ?? `${writeWhat(message)}, in quotes`;
}

const REMEDIES: Readonly<Record<string, string>> = {
  number: 'Write a number without quotes',
  int: 'Write a whole number without quotes',
  boolean: 'Write true or false without quotes; yes and no are words in YAML 1.2',
  object: 'Write the keys of the map below it, indented',
  record: 'Write the keys of the map below it, indented',
  array: 'Write a list: [first, second], or each entry in a line of its own after "- "',
};

function unknownKey(key: string, known: readonly string[]): { readonly reason: string; readonly remedy: string } {
  const reason = `unknown key "${key}"; known here: ${known.join(', ')}`;
  if (key === '<<') return { reason, remedy: 'Write the keys out; YAML 1.2 has no merge key' };
  const near = closestWord(key, known);
  return { reason, remedy: near === null ? 'Remove the key, or move it to where it belongs' : `Did you mean ${near}?` };
}

/** The branch that was meant is the one whose complaint lies deepest; without one, what the union itself says. */
function translateUnion(issue: z.core.$ZodIssueInvalidUnion, path: ConfigPath): readonly ConfigFinding[] {
  const meant = issue.errors.find((branch) => branch.some((inner) => inner.code === 'custom' || inner.path.length > 0));
  if (meant !== undefined) return meant.flatMap((inner) => translate(inner, [...path, ...inner.path.map(pathPart)]));
  return [{ path, reason: issue.message, remedy: writeWhat(issue.message) }];
}

function pathPart(part: PropertyKey): string | number {
  return typeof part === 'number' ? part : String(part);
}

function oneOf(values: readonly string[]): string {
  return values.length === 1 ? `${values[0]}` : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}
