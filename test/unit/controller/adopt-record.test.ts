// A record that stood at the provider before oneup came: it is shown, and taken over only as it was shown (S11, S27).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMemoryProvider } from '../../../providers/memory/index.ts';
import { MemoryZones } from '../../../providers/memory/memory-zones.ts';
import { readRecord } from '../../../src/controller/read-record.ts';
import { recordShown } from '../../../src/controller/record-shown.ts';
import { SweepSlots } from '../../../src/controller/sweep-slots.ts';
import { writeDns } from '../../../src/controller/write-dns.ts';
import type { Rrset } from '../../../src/dns/rrset.ts';
import type { DnsOutcome } from '../../../src/failover/machine-event.ts';
import { ZONE } from '../../sim/sim-config.ts';
import { activeState, at, replyTo, request } from '../failover/machine-fixture.ts';
import { createBench, holdTerm } from './controller-bench.ts';

const { signal } = new AbortController();

async function world(values: (own: string) => readonly string[]) {
  const bench = await createBench();
  const { tenure } = await holdTerm(bench);
  const [service] = bench.config.services;
  assert.ok(service !== undefined);
  const zones = new MemoryZones();
  const { name } = service.record;
  const held = (own: readonly string[]): Rrset => ({ name, type: 'A', ttlSeconds: 300, values: own });
  const edit = (rrset: Rrset) => zones.edit(ZONE, { name, type: 'A' }, rrset);
  edit(held(values(service.nodes[0]?.address ?? '')));
  const memory = createMemoryProvider({ name: 'memory', zones });
  const deps = { ...bench.deps, ports: { ...bench.deps.ports, provider: () => memory } };
  const write = async (takesOver?: string): Promise<DnsOutcome> => {
    const dns = { confirmed: null, pending: null, unconfirmed: [], seq: 1 };
    const state = activeState({ service: { dns: takesOver === undefined ? dns : { ...dns, takesOver } } });
    const intent = { node: 'a', level: 'steady', epoch: 1, seq: 1 } as const;
    const performer = { deps, tenure, sweeps: new SweepSlots(), writes: new Map(), report: () => undefined };
    return writeDns(performer, { kind: 'writeDns', intent, unconfirmed: [] }, state);
  };
  /** The next write, above the one that `write` left in force; `shown`: what a person agreed to. */
  const mend = async (shown: string): Promise<DnsOutcome> => {
    const confirmed = { node: 'a', level: 'steady', epoch: 1, seq: 1 } as const;
    const mends = { shown, opId: 'x-1', actor: 'test', reason: 'test', startedWallMs: 0 };
    const dns = { confirmed, pending: null, unconfirmed: [confirmed], seq: 2, mends };
    const performer = { deps, tenure, sweeps: new SweepSlots(), writes: new Map(), report: () => undefined };
    const intent = { ...confirmed, seq: 2 };
    return writeDns(
      performer,
      { kind: 'writeDns', intent, unconfirmed: [confirmed] },
      activeState({ service: { dns } }),
    );
  };
  const read = () => readRecord({ ...bench.deps, provider: () => memory }, service, { to: null, signal });
  const shownOf = () => recordShown(name, zones.list(ZONE));
  return { zones, edit, held, write, mend, shownOf, read, name };
}

describe('adopt --record', () => {
  test('a record of a node is shown with what would be written, and taken over as it was shown', async () => {
    const { zones, write, read, name } = await world((own) => [own]);
    const report = await read();
    assert.equal(report.problem, null);
    assert.deepEqual(report.holds?.length, 1);
    assert.match(
      report.change?.[0]?.after ?? '',
      /^TXT "oneup1 cluster=\S+ service=web generation=1 epoch=1 seq=1" with TTL \d+$/,
    );
    assert.match(report.change?.[1]?.before ?? '', /^A \S+ with TTL 300$/);
    assert.ok(report.shown !== null);
    assert.equal((await write()).kind, 'drift', 'nobody has agreed');
    assert.deepEqual(await write(report.shown), { kind: 'applied' });
    assert.deepEqual(
      zones
        .list(ZONE)
        .map((rrset) => [rrset.name, rrset.type])
        .sort(),
      [
        [`_oneup.${name}`, 'TXT'],
        [name, 'A'],
      ],
    );
    const after = await read();
    assert.equal(after.shown, null);
    assert.match(after.ownership ?? '', /service=web/);
  });

  test('a record that changed since it was shown is not taken over', async () => {
    const { edit, held, write, read } = await world((own) => [own]);
    const { shown } = await read();
    const [own = ''] = (await read()).holds ?? [];
    edit({ ...held([own.split(' ')[1] ?? '']), ttlSeconds: 60 });
    assert.ok(shown !== null);
    assert.equal((await write(shown)).kind, 'drift');
  });

  test('zone repair puts right what a person was shown, and nothing that came later (S27)', async () => {
    const { zones, edit, held, write, mend, shownOf, read } = await world((own) => [own]);
    assert.deepEqual(await write((await read()).shown ?? ''), { kind: 'applied' });
    edit(held(['198.51.100.9']));
    const shown = shownOf();
    edit(held(['198.51.100.10']));
    assert.equal((await mend(shown)).kind, 'drift');
    assert.deepEqual(await mend(shownOf()), { kind: 'applied' });
    const [address] = zones.list(ZONE).filter(({ type }) => type === 'A');
    assert.notDeepEqual(address?.values, ['198.51.100.10']);
  });

  test('values that are no node’s address are never taken over', async () => {
    const { write, read } = await world((own) => [own, '198.51.100.9']);
    const report = await read();
    assert.deepEqual([report.shown, report.change], [null, null]);
    assert.match(report.problem?.reason ?? '', /holds 198\.51\.100\.9, which is no address of a node/);
    assert.equal((await write('0123456789ab')).kind, 'drift');
  });

  test('the word of a person is kept until the next write, and for no later one', () => {
    const shown = '0123456789ab';
    const state = activeState({ service: { dns: { confirmed: null, pending: null, unconfirmed: [], seq: 1 } } });
    assert.equal(replyTo(state, { kind: 'adoptRecord', shown, reason: 'test' }), 'accepted');
    const agreed = at(state, request({ kind: 'adoptRecord', shown, reason: 'test' })).state;
    assert.deepEqual(agreed.service.dns.takesOver, shown);
    const seq = agreed.service.dns.pending?.seq ?? 0;
    const written = at(agreed, { kind: 'dns', seq, outcome: { kind: 'applied' } }).state;
    assert.equal(written.service.dns.confirmed?.seq, seq);
    assert.equal('takesOver' in written.service.dns, false);
  });
});
