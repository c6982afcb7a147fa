// What a rule refuses or holds is said once, in one form, with one remedy, wherever a person reads it (P5, S34).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { OneupError } from '../../../src/base/oneup-error.ts';
import { describeError, renderRefusal } from '../../../src/cli/render-refusal.ts';
import { renderStatus } from '../../../src/cli/render-status.ts';
import { renderWhy } from '../../../src/cli/render-why.ts';
import { type ClusterStatus, readClusterStatus } from '../../../src/controller/read-model.ts';
import { operationStatus } from '../../../src/controller/read-operation.ts';
import { readWhy } from '../../../src/controller/read-why.ts';
import { createReadBench } from '../controller/read-bench.ts';
import { activeState, at, request } from '../failover/machine-fixture.ts';

const DRIFT = { rule: 'S27.dns-drift', reason: 'the ownership TXT is gone', remedy: 'Restore the record' } as const;
const ALERT = { id: 'service:S27.dns-drift', level: 'critical', refusal: DRIFT, about: '' } as const;
const OPEN = { ...ALERT, sinceWallMs: 0, count: 3, ackedBy: null };
const SELF = {
  prober: 'p1',
  version: '0',
  store: { kind: 'reachable', engine: 'memory', generation: 1 },
  dns: { mode: 'serving', zones: [] },
  config: { standing: 'inForce' },
} as const;

function timesOf(text: string, part: string): number {
  return text.split(part).length - 1;
}

async function statusWith(patch: Partial<ClusterStatus['services'][number]>): Promise<string> {
  const { deps } = await createReadBench();
  const cluster = readClusterStatus(deps);
  const services = cluster.services.map((service) => ({ ...service, ...patch }));
  return renderStatus({ self: SELF, cluster: { ...cluster, services } }, 60_000);
}

describe('a problem of DNS in status', () => {
  test('is told once, with its remedy, beside how often its alert was told', async () => {
    const text = await statusWith({ dnsProblem: DRIFT, alerts: [OPEN] });
    assert.equal(timesOf(text, DRIFT.reason), 1, text);
    assert.equal(timesOf(text, DRIFT.remedy), 1, text);
    assert.match(text, /alert critical S27\.dns-drift \(since 1970-01-01T00:00:00Z, told 3 times\)/);
  });

  test('is told once too when it keeps the end of an operation waiting', async () => {
    const { op } = at(activeState(), request({ kind: 'switchover', from: null, to: 'b', reason: 'test' })).state;
    assert.ok(op !== null);
    const tail = operationStatus({ ...op, phase: 'CUTOVER', blocked: DRIFT });
    const text = await statusWith({ dnsProblem: DRIFT, tail, alerts: [OPEN] });
    assert.match(text, /BLOCKED by S27\.dns-drift: the ownership TXT is gone\n +remedy: Restore the record/);
    assert.equal(timesOf(text, DRIFT.reason), 1, text);
    assert.equal(timesOf(text, DRIFT.remedy), 1, text);
  });

  test('is told once where it is the second provider that has it', async () => {
    const second = { provider: 'far', addresses: [], ttlSeconds: null, differs: true, dnsProblem: DRIFT };
    const text = await statusWith({ second, alerts: [{ ...OPEN, id: 'second:S27.dns-drift' }] });
    assert.match(text, /at second provider far \S+ was not written yet; it is not what the first provider has/);
    assert.equal(timesOf(text, DRIFT.reason), 1, text);
    assert.equal(timesOf(text, DRIFT.remedy), 1, text);
  });

  test('an alert of something else keeps its words', async () => {
    assert.match(
      await statusWith({ alerts: [OPEN] }),
      /alert critical S27\.dns-drift: the ownership TXT is gone \(since/,
    );
  });

  test('what is known of a node is said in words', async () => {
    assert.match(await statusWith({}), /record: (may be running|proven down), v\d/);
  });
});

describe('why', () => {
  test('says of what blocks now that it holds a move, too, without saying it again', async () => {
    const { deps, service } = await createReadBench();
    const why = await readWhy(deps, service);
    const text = renderWhy({ ...why, blocking: [DRIFT], holds: [DRIFT] });
    assert.match(
      text,
      /blocked by S27\.dns-drift: the ownership TXT is gone\n +remedy: Restore the record\n +a move would be held by S27\.dns-drift, too/,
    );
    assert.equal(timesOf(text, DRIFT.reason), 1);
  });
});

describe('a refusal', () => {
  test('reads the same whether a command was refused or threw', () => {
    const form = /^Refused by S7\.in-force: .*it is in the file\nRemedy: take it out$/;
    assert.match(renderRefusal({ rule: 'S7.in-force', reason: 'it is in the file', remedy: 'take it out' }), form);
    const message = 'Cannot forget web: S7.in-force: it is in the file';
    assert.match(describeError(new OneupError('ONEUP_REFUSED', message, { remedy: 'take it out' })), form);
  });

  test('other errors keep their code', () => {
    const told = describeError(new OneupError('ONEUP_USAGE', 'Cannot adopt: name --node', { remedy: 'Name it' }));
    assert.equal(told, 'ONEUP_USAGE: Cannot adopt: name --node\nRemedy: Name it');
    const full = new OneupError('ONEUP_REFUSED', 'Cannot create a token: there are 9 already', {
      remedy: 'Revoke one',
    });
    assert.match(describeError(full), /^ONEUP_REFUSED: /);
  });
});
