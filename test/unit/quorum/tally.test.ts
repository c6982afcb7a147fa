// The golden truth table of tally, and a comparison with a slow implementation that tries every way the missing may vote.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Verdict } from '../../../src/health/health-state.ts';
import type { QuorumOutcome } from '../../../src/quorum/quorum-outcome.ts';
import { type Ballot, tally } from '../../../src/quorum/tally.ts';

describe('tally', () => {
  for (const { command, expected } of readGolden(new URL('./tally.txt', import.meta.url))) {
    test(command, () => assert.equal(print(tally(readCommand(command))), expected));
  }

  test('agrees with an implementation that tries every way the missing may vote', () => {
    fc.assert(
      fc.property(ballots(), (ballot) => {
        assert.equal(tally(ballot).kind, slowKind(ballot));
      }),
      { numRuns: 500 },
    );
  });

  test('never agrees on both questions at once', () => {
    fc.assert(
      fc.property(ballots(), (ballot) => {
        const kinds = (['down', 'up'] as const).map((question) => tally({ ...ballot, question }).kind);
        assert.ok(!kinds.every((kind) => kind === 'agreed'));
      }),
    );
  });

  test('a prober that falls silent never turns pending or rejected into agreed', () => {
    fc.assert(
      fc.property(ballots(), fc.nat(), (ballot, at) => {
        const fewer = ballot.votes.filter((_, place) => place !== at % Math.max(1, ballot.votes.length));
        if (tally(ballot).kind !== 'agreed') assert.notEqual(tally({ ...ballot, votes: fewer }).kind, 'agreed');
      }),
    );
  });
});

function ballots(): fc.Arbitrary<Ballot> {
  const verdict = fc.constantFrom<Verdict | 'absent'>('up', 'down', 'unknown', 'absent');
  const prober = fc.record({ vantage: fc.constantFrom('eu', 'us', 'ap'), verdict });
  return fc
    .record({
      question: fc.constantFrom<Ballot['question']>('down', 'up'),
      minVantages: fc.integer({ min: 1, max: 3 }),
      all: fc.array(prober, { maxLength: 7 }),
    })
    .map(({ question, minVantages, all }) => ({
      question,
      minVantages,
      probers: all.map(({ vantage }, place) => ({ id: `p${place}`, vantage })),
      votes: all.flatMap((one, place) =>
        one.verdict === 'absent' ? [] : [{ prober: `p${place}`, verdict: one.verdict }],
      ),
    }));
}

/** Tries all 2^missing completions: agreed now, else pending if one of them would be agreed, else rejected. */
function slowKind(ballot: Ballot): QuorumOutcome['kind'] {
  const { probers, question, votes } = ballot;
  const said = new Map(votes.map((vote) => [vote.prober, vote.verdict]));
  const missing = probers.filter(({ id }) => !['up', 'down'].includes(said.get(id) ?? 'unknown'));
  for (let choice = 0; choice < 2 ** missing.length; choice += 1) {
    const joins = new Set(missing.filter((_, bit) => (choice >> bit) % 2 === 1).map(({ id }) => id));
    const yes = probers.filter(({ id }) => said.get(id) === question || joins.has(id));
    const covered = new Set(yes.map(({ vantage }) => vantage)).size;
    if (yes.length * 2 > probers.length && covered >= ballot.minVantages)
      return joins.size === 0 ? 'agreed' : 'pending';
  }
  return 'rejected';
}

function readGolden(file: URL): readonly { readonly command: string; readonly expected: string }[] {
  const blocks = readFileSync(file, 'utf8').split(/\n{2,}/);
  return blocks.flatMap((block) => {
    const lines = block.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    if (lines.length === 0) return [];
    const [command, rule, expected] = lines;
    assert.ok(command !== undefined && rule === '----' && expected !== undefined && lines.length === 3, block);
    return [{ command, expected }];
  });
}

function readCommand(command: string): Ballot {
  const [verb, ...rest] = command.split(' ');
  assert.equal(verb, 'tally');
  const given = new Map(rest.map((part) => part.split('=') as [string, string]));
  const list = (name: string) => (given.get(name) === '-' ? [] : (given.get(name) ?? '').split(','));
  const question = given.get('question');
  assert.ok(question === 'down' || question === 'up');
  return {
    question,
    minVantages: Number(given.get('minVantages')),
    probers: list('probers').map((text) => ({ id: text.split('@')[0] ?? '', vantage: text.split('@')[1] ?? '' })),
    votes: list('votes').map((text) => ({
      prober: text.split(':')[0] ?? '',
      verdict: (text.split(':')[1] ?? '') as Verdict,
    })),
  };
}

function print(outcome: QuorumOutcome): string {
  const list = (items: readonly string[]) => (items.length === 0 ? '-' : items.join(','));
  const { kind, against, missing, vantages } = outcome;
  return `${kind} for=${list(outcome.for)} against=${list(against)} missing=${list(missing)} vantages=${list(vantages)}`;
}
