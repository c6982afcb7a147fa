// Whoever looks at a service whose records are partly damaged sees the rest, and which record it is; plans are not made of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readHistory, readJournal } from '../../../src/controller/read-history.ts';
import { readClusterStatus, readMachine } from '../../../src/controller/read-model.ts';
import { readWhy } from '../../../src/controller/read-why.ts';
import { put } from '../../support/store-calls.ts';
import { createReadBench } from './read-bench.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

for (const junk of ['{', 'null', '[]', '{"opId":5}']) {
  test(`${junk} as operation: the active node is still shown`, async () => {
    const { deps, service } = await createReadBench();
    const key = deps.keys.operation('web');
    await put(deps.store, key, junk);
    await settle();
    const [status] = readClusterStatus(deps).services;
    assert.deepEqual([status?.state, status?.active, status?.refusal?.rule], ['blocked', 'a', 'S7.record-damaged']);
    assert.ok(status?.refusal?.reason.includes(key));
    const why = await readWhy(deps, service);
    assert.equal(why.blocking[0]?.rule, 'S7.record-damaged');
    assert.throws(() => readMachine(deps, service), { code: 'ONEUP_STORE_CORRUPT', message: new RegExp(key) });
  });

  test(`${junk} in history and journal hides no other entry`, async () => {
    const { deps } = await createReadBench();
    const { store, keys } = deps;
    await put(store, keys.history('web', 'op-1'), junk);
    await put(store, keys.journalEntry('web', 'op-1', 3), junk);
    assert.deepEqual(await readHistory(deps, { service: 'web', limit: 5 }), []);
    const [entry] = await readJournal(deps, { service: 'web', opId: 'op-1' });
    assert.match(entry?.text ?? '', /journal\/web\/op-1\/000003 of this journal is damaged/);
  });
}
