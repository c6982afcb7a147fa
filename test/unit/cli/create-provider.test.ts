// From the configuration to providers: one for each name, of its own kind, and no SDK before it is needed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { createLazyProvider } from '../../../providers/lazy-provider.ts';
import { createMemoryProvider } from '../../../providers/memory/index.ts';
import { MemoryZones } from '../../../providers/memory/memory-zones.ts';
import { storeKeys } from '../../../src/base/store-keys.ts';
import { createProviders } from '../../../src/cli/create-provider.ts';
import { providerTraits } from '../../../src/plan/provider-traits.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { acceptedConfig, configText } from '../../support/config-text.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const ENTRIES = `providers:
  ns: { kind: rfc2136, zones: [example.com], server: "127.0.0.1:53", tsig: { name: k, secret: "\${env:ONEUP_TEST_TSIG}" } }
  pdns:
    kind: powerdns
    zones: [example.com]
    server: "127.0.0.1:53"
    tsig: { name: k, secret: "\${env:ONEUP_TEST_TSIG}" }
    api: { url: "http://127.0.0.1:8081", apiKey: "\${file:token}" }
  cf: { kind: cloudflare, zone: example.com, zoneId: 0123456789abcdef0123456789abcdef, apiToken: "\${file:token}" }
  aws: { kind: route53, zone: example.com, hostedZoneId: Z1 }
services:`;
const { signal } = new AbortController();

describe('createProviders', () => {
  const clock = createFakeClock();
  const store = new MemoryStoreWorld().connect({ clock, bounds: { rho: 0.01, marginMs: 100 } });
  const provider = createProviders(acceptedConfig(configText(['services:', ENTRIES])).providers, {
    ...{ store, clock, keys: storeKeys('test') },
  });

  for (const [name, kind] of [
    ['builtin', 'builtin'],
    ['ns', 'rfc2136'],
    ['pdns', 'powerdns'],
    ['cf', 'cloudflare'],
    ['aws', 'route53'],
  ] as const) {
    test(`${name} is of kind ${kind}, and the same one each time`, () => {
      const made = provider(name);
      assert.deepEqual([made.name, made.kind], [name, kind]);
      assert.equal(provider(name), made);
    });

    test(`what is planned for ${name} is what it can do`, () => {
      const { ttlMinSeconds, ttlMaxSeconds, followsSuspicion } = provider(name).capabilities;
      const traits = providerTraits(kind);
      assert.deepEqual([traits.ttlMinSeconds, traits.followsSuspicion], [ttlMinSeconds, followsSuspicion]);
      assert.ok(traits.ttlMaxSeconds <= ttlMaxSeconds);
    });
  }

  test('a name that no configuration has is a programmer’s fault', () => {
    assert.throws(() => provider('other'), TypeError);
  });
});

describe('loadProviders', () => {
  /** Files that it loads in a process of its own. */
  const loadedFor = (...kinds: readonly string[]) => {
    const script = `import { registerHooks } from 'node:module';
      const { loadProviders } = await import(${JSON.stringify(import.meta.resolve('../../../src/cli/create-provider.ts'))});
      registerHooks({ load: (url, context, next) => (console.log(url), next(url, context)) });
      await loadProviders(${JSON.stringify(kinds.map((kind) => ({ kind })))});`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    return stdout.split('\n').filter(Boolean);
  };

  test('loads the code of the kinds that are configured, and of no other', () => {
    assert.deepEqual(loadedFor('builtin'), []);
    const loaded = loadedFor('builtin', 'cloudflare');
    assert.ok(loaded.some((url) => url.endsWith('/providers/cloudflare/index.ts')));
    assert.ok(loaded.some((url) => url.includes('/node_modules/cloudflare/')));
    assert.ok(!loaded.some((url) => url.includes('/providers/rfc2136/')));
  });
});

describe('a lazy provider', () => {
  const inner = createMemoryProvider({ name: 'far', zones: new MemoryZones() });
  const { name, kind, capabilities } = inner;
  const change = {
    before: null,
    after: { name: 'a.example.com.', type: 'A', ttlSeconds: 5, values: ['192.0.2.1'] },
  } as const;

  test('loads once, with its first call', async () => {
    let loads = 0;
    const load = async () => {
      loads += 1;
      return inner;
    };
    const lazy = createLazyProvider({ name, kind, capabilities, load });
    assert.equal(loads, 0);
    const applied = await lazy.apply('example.com.', [change], { idempotencyKey: 'k', signal });
    assert.equal(applied.kind, 'applied');
    assert.equal((await lazy.list('example.com.', { names: ['a.example.com.'], signal })).length, 1);
    assert.equal(applied.kind === 'applied' && (await lazy.confirm(applied.changeId, { signal })), 'insync');
    assert.equal(loads, 1);
  });

  test('that cannot be loaded has written nothing, and is loaded by the next call', async () => {
    let isBroken = true;
    const load = async () => (isBroken ? Promise.reject(new Error('no such package')) : inner);
    const lazy = createLazyProvider({ name, kind, capabilities, load });
    const failed = await lazy.apply('example.com.', [change], { idempotencyKey: 'l', signal });
    assert.ok(failed.kind === 'failed');
    assert.deepEqual([failed.applied, failed.code], ['none', 'ONEUP_PROVIDER_UNREACHABLE']);
    assert.match(failed.reason, /provider far cannot be loaded: no such package/);
    await assert.rejects(lazy.list('example.com.', { names: [], signal }), { code: 'ONEUP_PROVIDER_UNREACHABLE' });
    isBroken = false;
    assert.deepEqual(await lazy.list('example.com.', { names: [], signal }), []);
  });
});
