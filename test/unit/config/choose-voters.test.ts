// Which probers look at a service: the same for everybody, at enough vantages, even shares, and little that moves when a
// prober joins or leaves.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { chooseVoters } from '../../../src/config/choose-voters.ts';
import type { ProberConfig } from '../../../src/config/config.ts';
import { acceptedConfig, configText } from '../../support/config-text.ts';

type Quorum = { readonly minVantages: number; readonly probersPerCheck: number | null };

const RUNS = { numRuns: 500 };
const SERVICES = Array.from({ length: 2_000 }, (_, at) => `s${at}`);

function prober(id: string, vantage: string): ProberConfig {
  return { id, vantage, address: '192.0.2.1', listen: [], apiListen: [] };
}

/** `p1` and so on, each at a vantage of its own. */
function apart(count: number): readonly ProberConfig[] {
  return Array.from({ length: count }, (_, at) => prober(`p${at + 1}`, `v${at + 1}`));
}

function ids(service: string, probers: readonly ProberConfig[], quorum: Quorum): readonly string[] {
  return chooseVoters(service, { probers, quorum }).map(({ id }) => id);
}

function vantages(probers: readonly ProberConfig[]): number {
  return new Set(probers.map(({ vantage }) => vantage)).size;
}

/** A service, probers at few vantages, and a quorum that they can reach. */
const electorates = fc
  .record({
    service: fc.stringMatching(/^[a-z0-9]{1,8}$/),
    places: fc.uniqueArray(fc.tuple(fc.nat({ max: 40 }), fc.nat({ max: 4 })), {
      minLength: 1,
      maxLength: 15,
      selector: ([id]) => id,
    }),
    minVantages: fc.integer({ min: 1, max: 3 }),
    probersPerCheck: fc.integer({ min: 1, max: 15 }),
  })
  .map(({ service, places, minVantages, probersPerCheck }) => {
    const probers = places.map(([id, place]) => prober(`p${id}`, `v${place}`));
    return { service, probers, quorum: { minVantages, probersPerCheck } };
  });

describe('chooseVoters', () => {
  test('without probersPerCheck every prober looks at every service', () => {
    const { services, cluster } = acceptedConfig(configText());
    assert.equal(cluster.quorum.probersPerCheck, null);
    assert.deepEqual(services[0]?.probers, cluster.probers);
  });

  test('the configuration says who looks, in its own order, and the same whatever the order is', () => {
    const five = apart(5);
    const quorum = { minVantages: 2, probersPerCheck: 3 };
    assert.deepEqual(ids('web', five, quorum), ['p1', 'p4', 'p5'], 'a hash that changes would move every check');
    assert.deepEqual([...ids('web', [...five].reverse(), quorum)].sort(), ['p1', 'p4', 'p5']);
  });

  test('as many as asked for, or all there are', () => {
    fc.assert(
      fc.property(electorates, ({ service, probers, quorum }) => {
        const chosen = chooseVoters(service, { probers, quorum });
        assert.equal(new Set(chosen).size, Math.min(quorum.probersPerCheck, probers.length));
      }),
      RUNS,
    );
  });

  test('they stand at minVantages, also when one of them is away, wherever that is possible (S24)', () => {
    fc.assert(
      fc.property(electorates, ({ service, probers, quorum }) => {
        const chosen = chooseVoters(service, { probers, quorum });
        const possible = Math.min(quorum.minVantages + 1, chosen.length, vantages(probers));
        assert.ok(vantages(chosen) >= possible);
        for (const lost of chosen) {
          const rest = chosen.filter((one) => one !== lost);
          assert.ok(vantages(rest) >= possible - 1);
        }
      }),
      RUNS,
    );
  });

  test('a prober that joins takes one place at most, and moves nothing between the others', () => {
    fc.assert(
      fc.property(electorates, fc.nat({ max: 5 }), ({ service, probers, quorum }, place) => {
        const joined = [...probers, prober('new', `v${place}`)];
        const before = ids(service, probers, quorum);
        const after = ids(service, joined, quorum);
        const gained = after.filter((id) => !before.includes(id));
        const lost = before.filter((id) => !after.includes(id));
        assert.ok(gained.length === 0 || (gained.length === 1 && gained[0] === 'new'), `gained ${gained}`);
        assert.ok(lost.length <= gained.length, `lost ${lost}`);
      }),
      RUNS,
    );
  });

  test('one that joins p others takes its share of the services: N of p + 1', () => {
    const quorum = { minVantages: 2, probersPerCheck: 3 };
    for (const count of [3, 4, 6]) {
      const changed = SERVICES.filter(
        (service) => ids(service, apart(count), quorum).join() !== ids(service, apart(count + 1), quorum).join(),
      );
      const share = 3 / (count + 1);
      assert.ok(Math.abs(changed.length / SERVICES.length - share) < 0.04, `${changed.length} of ${SERVICES.length}`);
    }
  });

  test('the shares of the probers are even', () => {
    const probers = apart(7).map((one, at) => ({ ...one, vantage: `v${at % 3}` }));
    const chosen = SERVICES.flatMap((service) => ids(service, probers, { minVantages: 1, probersPerCheck: 3 }));
    for (const { id } of probers) {
      const share = chosen.filter((one) => one === id).length / SERVICES.length;
      assert.ok(share > 0.33 && share < 0.53, `${id} looks at ${share} of the services, 3 of 7 are ${3 / 7}`);
    }
  });
});
