// The memory of steps on a real disk: what was written is there after a restart, what was not is not remembered, and what cannot
// be read is no beginning (S12).
import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openStepFile } from '../../../src/agent/step-file.ts';
import { claim, compareGenerations, type StepRecord } from '../../../src/agent/step-memory.ts';
import { stepResult } from '../../../src/agent/step-result.ts';

const RECORD: StepRecord = {
  ...{ generation: 1, epoch: 4, step: 10, action: 'start', bootId: 'boot1', startedBootId: null, result: null },
};

function place() {
  const directory = mkdtempSync(join(tmpdir(), 'oneup-steps-'));
  return {
    directory,
    path: join(directory, 'state', 'steps.json'),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  };
}

describe('step file', () => {
  test('is read again as it was written, for several services, and is for its owner alone', async () => {
    using dir = place();
    const memory = await openStepFile(dir.path, 'test');
    assert.equal(memory.of('web'), null);
    const ended = { ...RECORD, result: stepResult('done', 'process 7') };
    await Promise.all([memory.write('web', RECORD), memory.write('db', RECORD), memory.write('web', ended)]);
    const again = await openStepFile(dir.path, 'test');
    assert.deepEqual(again.of('web'), ended);
    assert.deepEqual(again.of('db'), RECORD);
    assert.equal(statSync(dir.path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(join(dir.directory, 'state')), ['steps.json'], 'nothing unfinished is left');
  });

  test('what could not be written is not remembered, and a later write works again', async () => {
    using dir = place();
    const memory = await openStepFile(dir.path, 'test');
    await memory.write('web', RECORD);
    // A directory in the place of the file: no rename goes there, whoever runs the test.
    rmSync(dir.path);
    mkdirSync(join(dir.path, 'in-the-way'), { recursive: true });
    await assert.rejects(memory.write('web', { ...RECORD, step: 11 }));
    assert.equal(memory.of('web')?.step, 10);
    assert.deepEqual(readdirSync(join(dir.directory, 'state')), ['steps.json']);
    rmSync(dir.path, { recursive: true });
    await memory.write('web', { ...RECORD, step: 12 });
    assert.equal((await openStepFile(dir.path, 'test')).of('web')?.step, 12);
  });

  for (const [name, text] of [
    ['nothing', ''],
    ['half of it', '{"cluster":"test","services":{"web":{"gener'],
    ['another shape', '{"cluster":"test","services":{"web":{"generation":-1}}}'],
    ['another cluster', '{"cluster":"other","services":{}}'],
    ['too much', ' '.repeat(5 * 1024 * 1024)],
  ] as const)
    test(`refuses a file that holds ${name}, and leaves it alone`, async () => {
      using dir = place();
      mkdirSync(join(dir.directory, 'state'));
      writeFileSync(dir.path, text);
      await assert.rejects(openStepFile(dir.path, 'test'), { code: 'ONEUP_STATE_CORRUPT' });
      assert.equal(readFileSync(dir.path, 'utf8'), text);
    });

  test('keeps the generation with its id beside the steps; a file without one knows the number of its steps (S4)', async () => {
    using dir = place();
    const memory = await openStepFile(dir.path, 'test');
    assert.equal(memory.generation(), null);
    await Promise.all([memory.enter({ number: 3, id: 'g3' }), memory.write('web', RECORD)]);
    const again = await openStepFile(dir.path, 'test');
    assert.deepEqual(again.generation(), { number: 3, id: 'g3' });
    assert.deepEqual(again.of('web'), RECORD);
    writeFileSync(dir.path, JSON.stringify({ cluster: 'test', services: { web: { ...RECORD, generation: 2 } } }));
    assert.deepEqual((await openStepFile(dir.path, 'test')).generation(), { number: 2, id: '' });
  });

  test('refuses what cannot be opened', async () => {
    using dir = place();
    mkdirSync(join(dir.directory, 'state'));
    symlinkSync(dir.path, dir.path);
    await assert.rejects(openStepFile(dir.path, 'test'), { code: 'ONEUP_STATE_CORRUPT' });
  });

  test('reads what was written before it was known what a dead keeper leaves behind', async () => {
    using dir = place();
    mkdirSync(join(dir.directory, 'state'));
    const { startedBootId: _, ...old } = RECORD;
    writeFileSync(dir.path, JSON.stringify({ cluster: 'test', services: { web: old } }));
    assert.deepEqual((await openStepFile(dir.path, 'test')).of('web'), RECORD);
  });
});

test('claim: generations come first, then epochs, then steps', () => {
  const known = { ...RECORD, generation: 2, epoch: 4, step: 10 };
  const kind = (generation: number, epoch: number, step: number) => claim(known, { generation, epoch, step }).kind;
  assert.equal(claim(null, RECORD).kind, 'new');
  assert.deepEqual([kind(2, 4, 11), kind(2, 5, 1), kind(3, 1, 1)], ['new', 'new', 'new']);
  assert.deepEqual([kind(2, 4, 9), kind(2, 3, 99), kind(1, 99, 99)], ['lower', 'lower', 'lower']);
  assert.equal(kind(2, 4, 10), 'interrupted');
  const result = stepResult('failed', 'exit code 1');
  assert.deepEqual(claim({ ...known, result }, known), { kind: 'repeated', result });
});

test('generations: by number, and of one number only the store that is known by its id (S4)', () => {
  const known = { number: 2, id: 'g2' };
  const standing = (number: number, id: string) => compareGenerations(known, { number, id });
  assert.deepEqual(
    [standing(2, 'g2'), standing(3, 'g3'), standing(1, 'g1'), standing(2, 'other')],
    ['same', 'newer', 'older', 'foreign'],
  );
  assert.equal(compareGenerations(null, known), 'newer');
  assert.equal(compareGenerations({ number: 2, id: '' }, known), 'newer', 'known by its number alone');
});
