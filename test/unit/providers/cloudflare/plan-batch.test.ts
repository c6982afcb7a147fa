// The batch that a change becomes: texts are deleted and posted, addresses patched in place, and an answer is never emptied.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Batch, isGuarded, planBatch } from '../../../../providers/cloudflare/plan-batch.ts';
import { type CloudflareRecord, toRrsets } from '../../../../providers/cloudflare/records.ts';
import type { Rrset } from '../../../../src/dns/rrset.ts';
import type { RrsetChange } from '../../../../src/plan/rrset-change.ts';

const NAME = 'app.example.com.';
const A = { name: NAME, type: 'A', ttlSeconds: 120 } as const;
const NOTHING: Batch = { deletes: [], patches: [], posts: [] };

let count = 0;
function record(content: string, more: Partial<CloudflareRecord> = {}): CloudflareRecord {
  count += 1;
  return { id: `r${count}`, name: 'app.example.com', type: 'A', content, ttl: 120, proxied: false, ...more };
}

function change(records: readonly CloudflareRecord[], after: Rrset | null): RrsetChange {
  const [before = null] = toRrsets(records);
  return { before, after } as RrsetChange;
}

describe('a batch for Cloudflare', () => {
  test('patches an address in place, its TTL too when it changes, and never the proxied flag', () => {
    const held = record('192.0.2.1');
    const to = (after: Rrset) => planBatch([change([held], after)], [held]);
    assert.deepEqual(to({ ...A, values: ['192.0.2.2'] }), {
      ...NOTHING,
      patches: [{ id: held.id, content: '192.0.2.2' }],
    });
    assert.deepEqual(to({ ...A, ttlSeconds: 60, values: ['192.0.2.2'] }).patches, [
      { id: held.id, content: '192.0.2.2', ttl: 60 },
    ]);
    assert.deepEqual(to({ ...A, ttlSeconds: 60, values: ['192.0.2.1'] }).patches, [{ id: held.id, ttl: 60 }]);
    assert.deepEqual(to({ ...A, values: ['192.0.2.1'] }), NOTHING);
  });

  test('lets a set grow and shrink around what stays', () => {
    const held = [record('192.0.2.1'), record('192.0.2.2'), record('192.0.2.3')];
    const to = (...values: readonly string[]) => planBatch([change(held, { ...A, values })], held);
    assert.deepEqual(to('192.0.2.2'), { ...NOTHING, deletes: [{ id: held[0]?.id }, { id: held[2]?.id }] });
    assert.deepEqual(to('192.0.2.2', '192.0.2.9'), {
      deletes: [{ id: held[2]?.id }],
      patches: [{ id: held[0]?.id, content: '192.0.2.9' }],
      posts: [],
    });
    const { deletes, patches, posts } = to('192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4');
    assert.deepEqual([deletes, patches, posts.map(({ content }) => content)], [[], [], ['192.0.2.4']]);
  });

  test('keeps an address at every step of deletes, patches and posts, from any set to any other', () => {
    const values = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];
    const sets = Array.from({ length: 7 }, (_, bits) => values.filter((_value, index) => (bits + 1) & (1 << index)));
    for (const before of sets) {
      for (const after of sets) {
        const held = before.map((value) => record(value));
        const batch = planBatch([change(held, { ...A, values: after })], held);
        const state = new Map(held.map(({ id, content }) => [id, content]));
        for (const { id } of batch.deletes) state.delete(id);
        assert.ok(state.size > 0, 'deletes leave an address');
        for (const { id, content } of batch.patches) {
          if (content !== undefined) state.set(id, content);
          // The API refuses two equal records (81058), between the steps of a batch too.
          assert.equal(new Set(state.values()).size, state.size, 'no two equal records');
        }
        for (const { content } of batch.posts) state.set(`post ${content}`, content);
        assert.deepEqual([...state.values()].toSorted(), after);
      }
    }
  });

  test('deletes a text by its id and posts the next one', () => {
    const text = record('"one"', { type: 'TXT' });
    const after = { name: NAME, type: 'TXT', ttlSeconds: 60, values: ['"two"'] } as const;
    const changes = [change([text], after)];
    assert.equal(isGuarded(changes), true);
    assert.equal(isGuarded([{ before: null, after }]), false);
    assert.deepEqual(planBatch(changes, [text]), {
      deletes: [{ id: text.id }],
      patches: [],
      posts: [{ name: 'app.example.com', type: 'TXT', content: '"two"', ttl: 60 }],
    });
  });

  test('sends no TTL for a proxied record, and proxies what comes beside or in place of one', () => {
    const held = record('192.0.2.1', { proxied: true, ttl: 1 });
    const grown = planBatch([change([held], { ...A, values: ['192.0.2.2', '192.0.2.3'] })], [held]);
    assert.deepEqual(grown.patches, [{ id: held.id, content: '192.0.2.2' }]);
    assert.deepEqual(grown.posts, [
      { name: 'app.example.com', type: 'A', content: '192.0.2.3', ttl: 1, proxied: true },
    ]);
    const aaaa = { name: NAME, type: 'AAAA', ttlSeconds: 60, values: ['2001:db8::1'] } as const;
    const moved = planBatch([{ before: null, after: aaaa }, change([held], null)], [held]);
    assert.deepEqual([moved.posts[0]?.proxied, moved.posts[0]?.ttl, moved.deletes], [true, 1, [{ id: held.id }]]);
  });

  test('a CNAME is patched, without the dot at its end', () => {
    const held = record('old.example.net', { type: 'CNAME' });
    const after = { name: NAME, type: 'CNAME', ttlSeconds: 120, values: ['new.example.net.'] } as const;
    assert.deepEqual(planBatch([change([held], after)], [held]).patches, [{ id: held.id, content: 'new.example.net' }]);
  });
});

describe('records of Cloudflare as RRsets', () => {
  const rrset = (more: Partial<CloudflareRecord>) => toRrsets([record('', more)])[0];

  test('an automatic TTL is five minutes, and of several TTLs the shortest counts', () => {
    assert.equal(rrset({ ttl: 1 })?.ttlSeconds, 300);
    assert.equal(toRrsets([record('192.0.2.1', { ttl: 600 }), record('192.0.2.2', { ttl: 1 })])[0]?.ttlSeconds, 300);
  });

  test('every type is rdata in presentation format, and unknown types are left out', () => {
    assert.deepEqual(rrset({ type: 'CNAME', content: 'Target.example.net' })?.values, ['target.example.net.']);
    assert.deepEqual(rrset({ type: 'MX', content: 'mail.example.net', priority: 10 })?.values, [
      '10 mail.example.net.',
    ]);
    const srv = { priority: 1, weight: 2, port: 443, target: 'a.example.net' };
    assert.deepEqual(rrset({ type: 'SRV', data: srv })?.values, ['1 2 443 a.example.net.']);
    const caa = { flags: 0, tag: 'issue', value: 'ca.example.net' };
    assert.deepEqual(rrset({ type: 'CAA', data: caa })?.values, ['0 issue "ca.example.net"']);
    assert.equal(rrset({ type: 'HTTPS', content: '1 . alpn=h2' }), undefined);
  });

  test('a text comes quoted, whoever wrote it, and a latch is none', () => {
    assert.deepEqual(rrset({ type: 'TXT', content: 'bare words' })?.values, ['"bare words"']);
    assert.deepEqual(rrset({ type: 'TXT', content: '"a" "b"' })?.values, ['"a" "b"']);
    assert.equal(rrset({ type: 'TXT', content: '"oneup1 latch"' }), undefined);
  });
});
