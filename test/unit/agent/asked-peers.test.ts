// Whom the holder of a lease asks, and when their words are enough (S37): all of everybody who may be named in the last renewal.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AskedPeers, weighClaim } from '../../../src/agent/asked-peers.ts';
import { LEASE } from '../../support/agent-bench.ts';

const OTHER = { ...LEASE, periodMs: 60_000 };

describe('who is asked', () => {
  test('nobody before a renewal was granted that names somebody', () => {
    const asked = new AskedPeers();
    assert.deepEqual(asked.next, { asked: [], seen: -1 });
    asked.sent({ asked: [], terms: LEASE });
    assert.equal(asked.whom(LEASE), null);
    asked.granted({ asked: [], terms: LEASE }, { version: 7, peers: ['p1', 'p2'] });
    assert.equal(asked.whom(LEASE), null, 'the record in the store names nobody');
    assert.deepEqual(asked.next, { asked: ['p1', 'p2'], seen: 7 });
    asked.granted({ asked: ['p1', 'p2'], terms: LEASE }, { version: 8, peers: ['p2', 'p3'] });
    assert.deepEqual(asked.whom(LEASE), ['p1', 'p2']);
  });

  test('those of the last granted renewal and of all that were sent since: any of them may be the last in the store', () => {
    const asked = new AskedPeers();
    asked.granted({ asked: ['p1', 'p2'], terms: LEASE }, { version: 8, peers: ['p2', 'p3'] });
    asked.sent({ asked: ['p2', 'p3'], terms: LEASE });
    asked.sent({ asked: ['p2', 'p3'], terms: LEASE });
    assert.deepEqual(asked.whom(LEASE), ['p1', 'p2', 'p3']);
    asked.sent({ asked: [], terms: LEASE });
    assert.equal(asked.whom(LEASE), null, 'the wait for one that names nobody begins with REVOKE');
  });

  test('nobody while renewals of other terms may be the last one, or under another grant', () => {
    const asked = new AskedPeers();
    asked.granted({ asked: ['p1'], terms: LEASE }, { version: 8, peers: ['p1'] });
    asked.sent({ asked: ['p1'], terms: OTHER });
    assert.deepEqual([asked.whom(LEASE), asked.whom(OTHER)], [null, null]);
    asked.granted({ asked: ['p1'], terms: OTHER }, { version: 9, peers: ['p1'] });
    assert.deepEqual(asked.whom(OTHER), ['p1']);
    asked.forget();
    assert.equal(asked.whom(OTHER), null);
  });
});

describe('their words', () => {
  const whom = ['p1', 'p2', 'p3'];
  const agreed = (peer: string) => ({ kind: 'agreed', peer }) as const;

  test('are enough when all agree, and not when one is missing or refuses', () => {
    assert.equal(weighClaim(whom.map(agreed), whom).kind, 'agreed');
    assert.deepEqual(weighClaim([agreed('p1'), agreed('p3'), agreed('p4')], whom), {
      kind: 'refused',
      reason: 'no word of p2',
    });
    const refusal = { kind: 'refused', peer: 'p2', reason: 'no' } as const;
    assert.deepEqual(weighClaim([agreed('p1'), refusal, agreed('p3')], whom), {
      kind: 'refused',
      reason: 'no word of p2; p2: no',
    });
  });

  test('count for nothing beside the word of the store', () => {
    const renewed = { kind: 'renewed', version: 3, peers: [] } as const;
    const over = { kind: 'over', reason: 'revoked' } as const;
    assert.deepEqual(weighClaim([...whom.map(agreed), renewed], whom), renewed);
    assert.deepEqual(weighClaim([renewed, ...whom.map(agreed), over], whom), over);
    assert.deepEqual(weighClaim([...whom.map(agreed), { kind: 'behind', version: 4 }], whom), {
      kind: 'behind',
      version: 4,
    });
  });
});
