// Weighted names: one value for each query, in proportion over all ids, the same from every server, and never none.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { answer } from '../../../src/zone/answer.ts';
import { buildSnapshot } from '../../../src/zone/build-snapshot.ts';
import { compileZone } from '../../../src/zone/compile-zone.ts';
import type { LoadedZone } from '../../../src/zone/compiled-zone.ts';
import { DRAWS } from '../../../src/zone/draw-value.ts';
import { ResponseWriter } from '../../../src/zone/response-writer.ts';
import { decoded, queryOctets } from '../../support/dns/ask.ts';

const writer = new ResponseWriter();
const NAME = 'web.ha.example.com.';

describe('weighted answers', () => {
  test('over all ids each value has its share, exact to one id for each value', () => {
    const values = ['192.0.2.21', '192.0.2.22', '192.0.2.23'];
    const counts = countAll(zoneWith(values, [1, 2, 5]));
    assert.equal(
      [...counts.values()].reduce((sum, count) => sum + count, 0),
      DRAWS,
    );
    for (const [index, share] of [1 / 8, 2 / 8, 5 / 8].entries())
      assert.ok(Math.abs((counts.get(values[index] ?? '') ?? 0) - share * DRAWS) <= 1, JSON.stringify([...counts]));
  });

  test('every answer holds exactly one of the values, whatever the weights, and ids in a row are spread', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 2, maxLength: 16 });
    fc.assert(
      fc.property(weights, fc.nat(DRAWS - 1), (drawn, id) => {
        const values = drawn.map((_, index) => `192.0.2.${index + 1}`);
        const given = ask(zoneWith(values, drawn), id);
        assert.equal(given.length, 1);
        assert.ok(values.includes(given[0] ?? ''));
      }),
      { numRuns: 200 },
    );
    const zone = zoneWith(['192.0.2.21', '192.0.2.22'], [1, 3]);
    const row = Array.from({ length: 40 }, (_, id) => ask(zone, id)[0]);
    const rare = row.filter((value) => value === '192.0.2.21').length;
    assert.ok(rare >= 8 && rare <= 12, `about a quarter of forty ids in a row, found ${rare}`);
  });

  test('the order in which the values were written changes nothing: weights stay with their values (S29)', () => {
    const zone = zoneWith(['192.0.2.30', '192.0.2.4'], [9, 1]);
    const other = zoneWith(['192.0.2.4', '192.0.2.30'], [1, 9]);
    assert.deepEqual(zone.snapshot, other.snapshot);
    for (let id = 0; id < DRAWS; id += 997) assert.deepEqual(ask(zone, id), ask(other, id));
    assert.ok((countAll(zone).get('192.0.2.30') ?? 0) > DRAWS * 0.8);
  });

  test('without weights every answer holds all values', () => {
    for (const id of [0, 1, 4_711]) assert.equal(ask(zoneWith(['192.0.2.21', '192.0.2.22'], null), id).length, 2);
  });

  test('weights that do not fit the values are never served', () => {
    for (const weights of [[1], [0, 1], [1, 1.5]]) {
      assert.throws(() => zoneWith(['192.0.2.21', '192.0.2.22'], weights), /weights-invalid/);
    }
  });
});

function zoneWith(values: readonly string[], weights: readonly number[] | null): LoadedZone {
  const soa = { refreshSeconds: 60, retrySeconds: 60, expireSeconds: 600, minimumSeconds: 5, ttlSeconds: 60 };
  const nameServers = [{ name: 'ns1.ha.example.com.' }];
  const zone = { name: 'ha.example.com.', hostmaster: 'ops.example.com.', soa, nameServers, records: [] };
  const web = { name: NAME, type: 'A', ttlSeconds: 20, values, ...(weights === null ? {} : { weights }) } as const;
  const nameServerAddresses = [{ name: 'ns1.ha.example.com.', address: '192.0.2.1' }];
  const snapshot = buildSnapshot({ zone, generation: 1, serial: 1, managed: [web], nameServerAddresses });
  if (!snapshot.ok) throw new Error(JSON.stringify(snapshot.error));
  const compiled = compileZone(snapshot.value);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
  return compiled.value;
}

function ask(zone: LoadedZone, id: number): readonly string[] {
  const state = { zones: [zone], mode: { kind: 'fresh' } } as const;
  const length = answer(queryOctets(NAME, 'A', { id }), { state, transport: 'udp', writer });
  return decoded(writer.octets.slice(0, length)).answers.map((record) => record.text);
}

function countAll(zone: LoadedZone): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (let id = 0; id < DRAWS; id += 1) {
    const [value = 'none'] = ask(zone, id);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}
