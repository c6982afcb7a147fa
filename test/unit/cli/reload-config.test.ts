// A reload is judged from the record that it replaces, whatever this prober runs with (S7): its own configuration may be an old
// file, or a life that has not noticed the last change yet.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ApiSource } from '../../../src/api/api-source.ts';
import { storeKeys } from '../../../src/base/store-keys.ts';
import { loadedConfig } from '../../../src/cli/config-in-force.ts';
import { type NamedFile, reloadConfig } from '../../../src/cli/reload-config.ts';
import { configDigest } from '../../../src/config/config-digest.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { startStoreMirror } from '../../../src/store/store-mirror.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { SILENT, testConfigText } from '../../support/prober-world.ts';
import { put } from '../../support/store-calls.ts';

const keys = storeKeys('test');
const NODE_B = ['      - { id: b, address: 192.0.2.2, priority: 2 }\n', ''] as const;
const NEEDS_MORE = ['references: []', 'references: ["tcp://${env:ONEUP_NOT_SET_ANYWHERE}:53"]'] as const;
const MAYBE = JSON.stringify({ kind: 'maybe', version: 3, epoch: 1 });

/** A prober that runs with `own` and has it as its file, while the store holds `record`. */
async function openPlace({ own, record }: { readonly own: string; readonly record: string }) {
  const directory = await mkdtemp(join(tmpdir(), 'oneup-reload-'));
  const configFile = join(directory, 'oneup.yaml');
  await writeFile(configFile, own);
  const clock = createFakeClock();
  const store = new MemoryStoreWorld().connect({ clock, bounds: { rho: 0.01, marginMs: 100 } });
  const stop = new AbortController();
  const { signal } = stop;
  const view = startStoreMirror({ store, root: keys.root, clock, logger: SILENT, watchTimeoutMs: 30_000, signal });
  await put(store, keys.config, record);
  await clock.advance(50);
  const session = await store.openSession({ id: 'p3', ttlMs: 60_000 });
  const loaded = loadedConfig(own, configFile);
  assert.ok(loaded.ok, loaded.ok ? '' : loaded.error);
  const source: ApiSource = {
    config: loaded.value,
    keys,
    view,
    store,
    clock,
    session: () => session,
    uniqueId: () => crypto.randomUUID(),
    loadText: (text) => loadedConfig(text, configFile),
    generation: 1,
    provider: () => assert.fail('no provider is asked'),
  };
  return {
    store,
    configFile,
    reload: async (force: boolean, named: NamedFile | null = null) => {
      const { body } = await reloadConfig({
        force,
        release: [],
        actor: 'ann',
        configFile,
        source,
        prober: 'p3',
        named,
      });
      return body as { readonly kind: string; readonly refusal?: { readonly rule: string; readonly reason: string } };
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await clock.advance(500);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

test('a prober that cannot load the record in force cannot replace it, not even by force', async () => {
  const record = testConfigText(NEEDS_MORE);
  await using place = await openPlace({ own: testConfigText(NODE_B), record });
  await put(place.store, keys.breadcrumb('web', 'b'), MAYBE);
  for (const force of [false, true]) {
    const { kind, refusal } = await place.reload(force);
    assert.deepEqual([kind, refusal?.rule], ['refused', 'S7.cannot-load']);
    assert.match(refusal?.reason ?? '', /ONEUP_NOT_SET_ANYWHERE/);
  }
  assert.equal((await place.store.get(keys.config))?.value, record);
});

test('a node that only the record knows is not dropped by a prober that lags behind it', async () => {
  await using place = await openPlace({ own: testConfigText(NODE_B), record: testConfigText() });
  await put(place.store, keys.breadcrumb('web', 'b'), MAYBE);
  const { kind, refusal } = await place.reload(false);
  assert.deepEqual([kind, refusal?.rule], ['refused', 'S7.node-may-run']);
  const down = { kind: 'down', version: 4, how: 'stopped', wallMs: 1, revision: 1 };
  await put(place.store, keys.breadcrumb('web', 'b'), JSON.stringify(down));
  assert.equal((await place.reload(false)).kind, 'accepted');
  assert.equal((await place.store.get(keys.config))?.value, testConfigText(NODE_B));
  assert.equal((await place.reload(false)).kind, 'unchanged');
});

test('a file that is named but not the one of the prober that is asked is not taken for it', async () => {
  await using place = await openPlace({ own: testConfigText(NODE_B), record: testConfigText() });
  const down = { kind: 'down', version: 4, how: 'stopped', wallMs: 1, revision: 1 };
  await put(place.store, keys.breadcrumb('web', 'b'), JSON.stringify(down));
  const { kind, refusal } = await place.reload(false, { path: '/elsewhere/new.yaml', digest: 'another' });
  assert.deepEqual([kind, refusal?.rule], ['refused', 'S7.other-file']);
  assert.equal(refusal?.reason, `p3 runs with ${place.configFile}, not with /elsewhere/new.yaml`);
  const digest = configDigest(testConfigText(NODE_B));
  assert.equal(
    (await place.reload(false, { path: '/mounted/elsewhere.yaml', digest })).kind,
    'accepted',
    'the same text',
  );
  assert.equal(
    (await place.reload(false, { path: place.configFile, digest: null })).kind,
    'unchanged',
    'the same file',
  );
});

test('what is missing is said to be missing where the prober runs, not in the shell', async () => {
  await using place = await openPlace({ own: testConfigText(), record: testConfigText() });
  await writeFile(place.configFile, testConfigText(NEEDS_MORE));
  await assert.rejects(place.reload(false), {
    code: 'ONEUP_CONFIG_INVALID',
    message: /^Cannot reload: p3 cannot read its file \S+oneup\.yaml: .*ONEUP_NOT_SET_ANYWHERE is not set/s,
    remedy: /where p3 runs.*your shell does not count/,
  });
});
