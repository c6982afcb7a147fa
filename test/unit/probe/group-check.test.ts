// Groups of checks: the whole truth table against a slow, obvious reading of it, and real parts side by side.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CheckTarget, GroupTarget } from '../../../src/config/check-target.ts';
import type { ProbeResult } from '../../../src/health/probe-result.ts';
import { judgeGroup, mergeGroup } from '../../../src/probe/judge-group.ts';
import { openBlackHole } from '../../support/black-hole.ts';
import { look, rawServer } from '../../support/look.ts';

type Kind = ProbeResult['kind'];
const KINDS: readonly Kind[] = ['pass', 'fail', 'error'];

function result(kind: Kind): ProbeResult {
  if (kind === 'pass') return { kind, phases: { connect: 1 }, detail: 'well' };
  if (kind === 'fail') return { kind, phases: { connect: 2 }, phase: 'connect', reason: 'ill', reach: 'unreached' };
  return { kind, phases: {}, reason: 'blind' };
}

function combinations(length: number): readonly (readonly Kind[])[] {
  if (length === 0) return [[]];
  return combinations(length - 1).flatMap((rest) => KINDS.map((kind) => [...rest, kind]));
}

/** Every way in which the parts that could not look may have ended; the group knows only what all ways agree on. */
function obvious(kinds: readonly Kind[], atLeast: number): Kind {
  const worlds = kinds.reduce<readonly (readonly boolean[])[]>(
    (before, kind) =>
      before.flatMap((world) => (kind === 'error' ? [true, false] : [kind === 'pass']).map((one) => [...world, one])),
    [[]],
  );
  const outcomes = new Set(worlds.map((world) => world.filter(Boolean).length >= atLeast));
  if (outcomes.size > 1) return 'error';
  return outcomes.has(true) ? 'pass' : 'fail';
}

describe('judgeGroup', () => {
  test('says what every possible world agrees on, for all groups of up to five (S22)', () => {
    for (let length = 1; length <= 5; length += 1) {
      for (const kinds of combinations(length)) {
        for (let atLeast = 1; atLeast <= length; atLeast += 1) {
          assert.equal(judgeGroup(kinds.map(result), atLeast), obvious(kinds, atLeast), `${atLeast} of ${kinds}`);
        }
      }
    }
  });

  test('an answer before the end is the answer at the end', () => {
    for (const kinds of combinations(4)) {
      for (let atLeast = 1; atLeast <= 4; atLeast += 1) {
        for (let done = 0; done < 4; done += 1) {
          const early = judgeGroup(
            kinds.map((kind, index) => (index < done ? result(kind) : null)),
            atLeast,
          );
          if (early !== 'pending') assert.equal(early, obvious(kinds, atLeast), `${done} of ${kinds}`);
        }
      }
    }
  });

  test('merging keeps the reasons, the longest phases, and silence only where all were silent', () => {
    const silent = mergeGroup([result('fail'), result('fail')], 1);
    assert.ok(silent.kind === 'fail');
    assert.deepEqual([silent.reach, silent.phase, silent.phases], ['unreached', 'connect', { connect: 2 }]);
    assert.match(silent.reason, /0 of 2 passed, expected at least 1: ill; ill/);
    const heard = mergeGroup([result('fail'), result('pass')], 2);
    assert.ok(heard.kind === 'fail' && heard.reach === 'reached');
    const blind = mergeGroup([result('fail'), result('error')], 2);
    assert.ok(blind.kind === 'fail' && blind.reach === 'unknown');
  });
});

function tcp(port: number): CheckTarget {
  return { kind: 'tcp', host: '127.0.0.1', port };
}

function group(atLeast: number, parts: readonly CheckTarget[]): GroupTarget {
  return { kind: 'group', atLeast, parts };
}

const BLIND: CheckTarget = { kind: 'tcp', host: 'nowhere.invalid', port: 1 };

describe('groupCheck', () => {
  test('runs its parts side by side and ends when the rest makes no difference', async () => {
    await using hole = await openBlackHole();
    await using server = await rawServer(() => {});
    const any = await look(group(1, [tcp(hole.port), tcp(server.port)]), 20_000);
    assert.equal(any.kind, 'pass', JSON.stringify(any));
    const closed = await rawServer(() => {});
    await closed[Symbol.asyncDispose]();
    const all = await look(group(2, [tcp(hole.port), tcp(closed.port)]), 20_000);
    assert.ok(all.kind === 'fail');
    assert.match(all.reason, /refused/);
  });

  test('one deadline holds for all', async () => {
    await using hole = await openBlackHole();
    const result = await look(group(1, [tcp(hole.port), tcp(hole.port), group(1, [tcp(hole.port)])]), 300);
    assert.ok(result.kind === 'fail');
    assert.equal(result.reach, 'unreached');
  });

  test('a part that could not look makes the group blind, unless the others decide (S22)', async () => {
    await using server = await rawServer(() => {});
    assert.equal((await look(group(2, [tcp(server.port), BLIND]))).kind, 'error');
    assert.equal((await look(group(1, [tcp(server.port), BLIND]))).kind, 'pass');
    assert.equal((await look(group(1, [BLIND, BLIND]))).kind, 'error');
  });

  test('a script of a decided group is ended, and the group waits for it', async () => {
    await using server = await rawServer(() => {});
    const command = { argv: ['sleep', '30'], env: [], cwd: null };
    const result = await look(group(1, [{ kind: 'exec', command }, tcp(server.port)]));
    assert.equal(result.kind, 'pass');
  });
});
