// Where not every prober looks at a service, status and why say who does.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { renderStatus } from '../../../src/cli/render-status.ts';
import { renderWhy } from '../../../src/cli/render-why.ts';
import { readClusterStatus } from '../../../src/controller/read-model.ts';
import { readWhy } from '../../../src/controller/read-why.ts';
import type { StoreView } from '../../../src/ports/store-view.ts';
import { createReadBench } from '../controller/read-bench.ts';

const SELF = {
  prober: 'p1',
  version: '0',
  store: { kind: 'reachable', engine: 'memory', generation: 1 },
  dns: { mode: 'serving', zones: [] },
  config: { standing: 'inForce' },
} as const;

describe('who looks at a service', () => {
  test('is told by status and why where it is not everybody', async () => {
    const { deps, service } = await createReadBench();
    const few = { ...service, probers: service.probers.slice(0, 2) };
    const live = { key: '', value: '{}', version: 1, sessionId: null };
    const get: StoreView['get'] = (key) => (key.startsWith(deps.keys.probers) ? live : deps.view.get(key));
    const config = { ...deps.config, services: [few] };
    const cluster = readClusterStatus({ ...deps, view: { ...deps.view, get }, config });
    assert.match(renderStatus({ self: SELF, cluster }, 0), /^ {2}looked at by p1, p2$/m);
    const told = renderStatus({ self: SELF, cluster }, 0);
    assert.match(told, /^ {2}p1 +\S+ +votes on 1 of 1 services$/m);
    assert.match(told, /^ {2}p3 +\S+ +votes on 0 of 1 services$/m);
    const why = renderWhy(await readWhy(deps, few));
    assert.match(why, /^ {2}looked at by p1, p2, who alone vote on it$/m);
    assert.ok(!why.includes('p3'), 'nobody else has a vote to show');
  });

  test('does not vote with another configuration than the one in force, which status and why say (S7)', async () => {
    const { deps, service } = await createReadBench();
    const key = deps.keys.prober('p2');
    const record = {
      key,
      value: JSON.stringify({ digest: 'R1', configStanding: 'unloadable' }),
      version: 1,
      sessionId: null,
    };
    const get: StoreView['get'] = (wanted) => (wanted === key ? record : deps.view.get(wanted));
    const seen = { ...deps, view: { ...deps.view, get }, inForceDigest: 'R2' };
    const status = renderStatus({ self: SELF, cluster: readClusterStatus(seen) }, 0);
    assert.match(status, /^ {2}p2 +\S+ +no vote +runs another configuration; its file .* neither votes nor leads$/m);
    assert.match(renderWhy(await readWhy(seen, service)), /p2 says absent \(runs another configuration\)/);
  });

  test('is not told where it is everybody', async () => {
    const { deps, service } = await createReadBench();
    const status = renderStatus({ self: SELF, cluster: readClusterStatus(deps) }, 0);
    assert.ok(!status.includes('looked at by'));
    assert.ok(!renderWhy(await readWhy(deps, service)).includes('looked at by'));
  });
});
