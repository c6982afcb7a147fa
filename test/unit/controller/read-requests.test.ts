// Replies outlive the controller that wrote them, so something must make room: the oldest go, a few with each answer.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { storeKeys } from '../../../src/base/store-keys.ts';
import { dropOldReplies } from '../../../src/controller/read-requests.ts';
import type { StoreView } from '../../../src/ports/store-view.ts';

const KEYS = storeKeys('prod');

/** Replies of these versions, in an order that is not theirs. */
function dropped(versions: readonly number[]): readonly string[] {
  const entries = versions.map((version) => {
    return { key: KEYS.reply(`r${version}`), value: '{}', version, sessionId: null };
  });
  const list = (prefix: string) => (prefix === KEYS.replies ? entries.toReversed() : []);
  return dropOldReplies({ view: { list } as unknown as StoreView, keys: KEYS }).map(
    ({ kind, key }) => `${kind} ${key}`,
  );
}

function count(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index + 1);
}

describe('dropOldReplies', () => {
  test('keeps two hundred', () => {
    assert.deepEqual(dropped([]), []);
    assert.deepEqual(dropped(count(200)), []);
  });

  test('drops the oldest by their versions', () => {
    assert.deepEqual(dropped(count(202)), [`delete ${KEYS.reply('r1')}`, `delete ${KEYS.reply('r2')}`]);
  });

  test('drops no more than ten in one commit', () => {
    assert.equal(dropped(count(500)).length, 10);
  });
});
