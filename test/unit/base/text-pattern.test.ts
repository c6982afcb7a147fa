// The patterns of checks: the same answers as regular expressions where both know the pattern, and a bounded time where those
// have none.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { compilePattern } from '../../../src/base/text-pattern.ts';

function matches(pattern: string, text: string): boolean {
  const compiled = compilePattern(pattern);
  assert.ok(compiled.ok, compiled.ok ? '' : `${pattern}: ${compiled.error}`);
  return compiled.value.matches(text);
}

const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '[b-c]', '\\d', '\\w', '\\.', '\\s', '1');
const repeat = fc.constantFrom('', '', '*', '+', '?', '{2}', '{0,2}', '{1,}', '*?', '+?');
const { pattern } = fc.letrec<{ pattern: string; piece: string; group: string }>((tie) => ({
  piece: fc.tuple(fc.oneof({ depthSize: 'small' }, atom, tie('group')), repeat).map((parts) => parts.join('')),
  group: tie('pattern').map((inner) => `(${inner})`),
  pattern: fc
    .tuple(fc.constantFrom('', '^'), fc.array(tie('piece'), { maxLength: 4 }), fc.constantFrom('', '$', '|b', '|'))
    .map(([start, pieces, end]) => `${start}${pieces.join('')}${end}`),
}));

describe('compilePattern', () => {
  test('finds what a regular expression finds', () => {
    fc.assert(
      fc.property(
        pattern,
        fc.array(fc.constantFrom('a', 'b', 'c', '1', '.', ' ', '\n'), { maxLength: 8 }),
        (word, chars) => {
          const compiled = compilePattern(word);
          fc.pre(compiled.ok);
          const text = chars.join('');
          assert.equal(compiled.ok && compiled.value.matches(text), new RegExp(word).test(text), `${word} on ${text}`);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test('any text is a pattern or refused with a reason, never an exception', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (word, text) => {
        const compiled = compilePattern(word);
        if (compiled.ok) assert.equal(typeof compiled.value.matches(text), 'boolean');
        else assert.ok(compiled.error.length > 5);
      }),
      { numRuns: 3_000 },
    );
  });

  test('a leading (?i) ignores case, and characters beyond the basic plane are one', () => {
    assert.ok(matches('(?i)ready', 'READY'));
    assert.ok(matches('(?i)[a-c]X', 'Bx'));
    assert.ok(!matches('ready', 'READY'));
    assert.ok(matches('^.$', '😀'));
  });

  const refused: readonly [pattern: string, reason: RegExp][] = [
    ['(a', /a bracket is not closed/],
    ['a)', /no opening one/],
    ['[a', /a \[ is not closed/],
    ['[]', /is empty/],
    ['a**', /a repetition is repeated/],
    ['*a', /nothing before/],
    ['^*', /cannot be repeated/],
    ['(?=a)', /of the \(\? groups/],
    ['(a)\\1', /\\1 is not known/],
    ['a{5,2}', /the smaller number first/],
    ['a{200}', /from 0 to 100/],
    ['((a{50}){50}){50}', /too large/],
    ['[z-a]', /a range/],
    ['\\', /stands alone/],
    ['a'.repeat(300), /longer than 256/],
    ['('.repeat(256), /not closed/],
  ];
  for (const [word, reason] of refused) {
    test(`refuses ${word.slice(0, 20)}`, () => {
      const compiled = compilePattern(word);
      assert.ok(!compiled.ok);
      assert.match(compiled.error, reason);
    });
  }

  test('patterns that ruin other engines end', () => {
    const text = `${'a'.repeat(65_000)}!`;
    for (const word of ['(a+)+$', '(a|aa)+$', '(.*a){20}b', '(a*)*b', '([a-z]+)*[0-9]'])
      assert.equal(matches(word, text), false);
  });
});
