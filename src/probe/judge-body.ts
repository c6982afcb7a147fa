// Judges the body of an answer by what is wanted of it: a text, a pattern, a value in JSON. Pure and bounded by the part of
// the body that is read.

import { compilePattern } from '../base/text-pattern.ts';
import type { HttpTarget, JsonExpectation } from '../config/check-target.ts';
import { valueAt } from '../config/value-at.ts';
import { CheckFault } from './check-fault.ts';

const SHOWN_CHARS = 80;

type Wanted = Pick<HttpTarget, 'bodyContains' | 'bodyMatches' | 'json'>;

/** Whether the rest of the body makes no difference: only texts can be seen before the end. */
export function isBodyDecided(body: Buffer, { bodyContains, bodyMatches = null, json = null }: Wanted): boolean {
  return bodyContains !== null && bodyMatches === null && json === null && body.includes(bodyContains);
}

/** What is wrong with the body, or null. `isWhole` tells that nothing of it was left out. */
export function findBodyFault(body: Buffer, wanted: Wanted, { isWhole }: { readonly isWhole: boolean }) {
  const { bodyContains, bodyMatches = null, json = null } = wanted;
  if (bodyContains !== null && !body.includes(bodyContains)) {
    return new CheckFault('fail', `the first 64 KiB of the body lack ${JSON.stringify(bodyContains)}`);
  }
  if (bodyMatches !== null) {
    const pattern = compilePattern(bodyMatches);
    if (!pattern.ok) return new CheckFault('error', `the pattern cannot be used: ${pattern.error}`);
    if (!pattern.value.matches(body.toString('utf8')))
      return new CheckFault('fail', `the first 64 KiB of the body do not match ${JSON.stringify(bodyMatches)}`);
  }
  if (json === null) return null;
  if (!isWhole) return new CheckFault('fail', 'the body is longer than 64 KiB and cannot be read as JSON');
  return judgeJson(body.toString('utf8'), json);
}

function judgeJson(text: string, expectation: JsonExpectation): CheckFault | null {
  const tree = parseJson(text);
  if (tree === undefined) return new CheckFault('fail', 'the body is not JSON');
  const value = valueAt(tree, expectation.path);
  const place = formatPath(expectation.path);
  if (value === undefined) return new CheckFault('fail', `the body has no ${place}`);
  if (meets(value, expectation.test)) return null;
  return new CheckFault('fail', `${place} was ${show(value)}, expected ${describe(expectation.test)}`);
}

/** A list or map is not written out: it may be nested deeper than the stack. */
function show(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'a map';
  return (JSON.stringify(value) ?? '').slice(0, SHOWN_CHARS);
}

function meets(value: unknown, test: JsonExpectation['test']): boolean {
  if (test.kind === 'oneOf') return test.values.some((wanted) => wanted === value);
  if (typeof value !== 'number') return false;
  return (test.atLeast === null || value >= test.atLeast) && (test.atMost === null || value <= test.atMost);
}

function describe(test: JsonExpectation['test']): string {
  if (test.kind === 'oneOf') return test.values.map((value) => JSON.stringify(value)).join(' or ');
  const bounds = [
    test.atLeast === null ? '' : `at least ${test.atLeast}`,
    test.atMost === null ? '' : `at most ${test.atMost}`,
  ];
  return `a number of ${bounds.filter((bound) => bound !== '').join(' and ')}`;
}

function formatPath(path: JsonExpectation['path']): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
