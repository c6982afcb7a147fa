// The nearest known word for a typo: what is close enough to be meant, and what is not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closestWord } from '../../../src/config/closest-word.ts';

test('closestWord finds the word that was meant, and no other', () => {
  const cases = [
    ['adress', ['address'], 'address'],
    ['tiemout', ['timeout', 'interval'], 'timeout'],
    ['Timeout', ['timeout'], 'timeout'],
    ['intervall', ['interval'], 'interval'],
    ['minvantage', ['minVantages'], 'minVantages'],
    ['ip', ['id'], 'id'],
    ['az', ['id'], null],
    ['zone', ['id', 'address', 'priority'], null],
    ['actionsX', ['actions', 'sections'], 'actions'],
    ['', ['id'], null],
    ['restart', ['start'], null],
    ['anything', [], null],
  ] as const;
  for (const [word, known, expected] of cases) assert.equal(closestWord(word, known), expected, word);
});
