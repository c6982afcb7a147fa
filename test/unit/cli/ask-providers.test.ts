// What outside providers say of earlier stores: the numbers of their ownership TXTs, and their silence by name (S4).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryProvider } from '../../../providers/memory/index.ts';
import { MemoryZones } from '../../../providers/memory/memory-zones.ts';
import { OneupError } from '../../../src/base/oneup-error.ts';
import { askProviders, silentProviders } from '../../../src/cli/ask-providers.ts';
import type { DnsProvider } from '../../../src/ports/dns-provider.ts';
import { acceptedConfig, configText } from '../../support/config-text.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const ZONE = 'example.com.';
const PROVIDERS = 'providers: { far: { kind: route53, zone: example.com, hostedZoneId: Z1 } }\nservices:';
const CONFIG = acceptedConfig(
  configText(['services:', PROVIDERS], ['name: web.ha.example.com.', 'name: web.example.com., provider: far']),
);

async function ask(text: string | null, isReachable = true) {
  const zones = new MemoryZones();
  const txt = { name: '_oneup.web.example.com.', type: 'TXT', ttlSeconds: 60, values: [`"${text}"`] } as const;
  if (text !== null) zones.edit(ZONE, txt, txt);
  const provider = createMemoryProvider({ name: 'far', zones, faults: { isReachable: () => isReachable } });
  const { signal } = new AbortController();
  return askProviders(CONFIG, { clock: createFakeClock(), signal, providers: () => provider });
}

const NOTHING = { service: 'web', provider: 'far', generation: 0, epoch: 0, silence: null };

test('a name that nobody owns says nothing', async () => {
  assert.deepEqual(await ask(null), [NOTHING]);
  assert.deepEqual(await ask('v=spf1 -all'), [NOTHING]);
  assert.deepEqual(await ask('oneup1 cluster=other service=web generation=9 epoch=9 seq=9'), [NOTHING]);
});

test('the TXT of the service says generation and epoch, that of a neighbour the generation', async () => {
  const own = await ask('oneup1 cluster=test service=web generation=4 epoch=17 seq=80');
  assert.deepEqual(own, [{ ...NOTHING, generation: 4, epoch: 17 }]);
  const neighbour = await ask('oneup1 cluster=test service=db generation=5 epoch=30 seq=90');
  assert.deepEqual(neighbour, [{ ...NOTHING, generation: 5 }]);
});

test('a provider that does not answer is named once, with its reason', async () => {
  const [heard] = await ask(null, false);
  assert.ok(heard !== undefined);
  assert.deepEqual([...silentProviders([heard, { ...heard, service: 'db' }])], [['provider:far', heard.silence]]);
  assert.match(heard.silence ?? '', /far does not answer/);
});

/** Twelve services at one provider, of which the test hears how often it was asked. */
async function askForMany(fault: (asked: number) => Error | null) {
  const [service] = CONFIG.services;
  assert.ok(service !== undefined);
  const services = Array.from({ length: 12 }, (_, i) => ({ ...service, id: `s${i}` }));
  let asked = 0;
  const memory = createMemoryProvider({ name: 'far', zones: new MemoryZones() });
  const list: DnsProvider['list'] = async (zone, options) => {
    asked += 1;
    const error = fault(asked);
    if (error !== null) throw error;
    return memory.list(zone, options);
  };
  const { signal } = new AbortController();
  const deps = { clock: createFakeClock(), signal, providers: () => ({ ...memory, list }) };
  const heard = await askProviders({ ...CONFIG, services }, deps);
  assert.equal(heard.length, services.length);
  return { asked, silent: heard.filter(({ silence }) => silence !== null).length, named: silentProviders(heard) };
}

test('a provider that is silent is not asked for every service, and all of them count as not heard', async () => {
  const { asked, silent, named } = await askForMany(() => new Error('no answer within 8s'));
  assert.ok(asked < 8, `${asked} questions`);
  assert.equal(silent, 12);
  assert.deepEqual([...named], [['provider:far', 'no answer within 8s']]);
});

test('one that refuses some, or is silent now and then, is asked for all', async () => {
  const denied = await askForMany((asked) =>
    asked < 8 ? new OneupError('ONEUP_PROVIDER_DENIED', 'not this zone') : null,
  );
  assert.partialDeepStrictEqual(denied, { asked: 12, silent: 7 });
  const shaky = await askForMany((asked) => (asked % 3 === 0 ? new Error('no answer within 8s') : null));
  assert.partialDeepStrictEqual(shaky, { asked: 12, silent: 4 });
});

test('a name at two providers is asked for at both', async () => {
  const config = acceptedConfig(
    configText(
      ['services:', PROVIDERS],
      ['name: web.ha.example.com.', 'name: web.example.com., provider: far, second: { provider: more }'],
      [
        'providers: {',
        'providers: { more: { kind: cloudflare, zone: example.com, zoneId: 0123456789abcdef0123456789abcdef, apiToken: "$' +
          '{file:token}" }, ',
      ],
    ),
  );
  const zones = new MemoryZones();
  const providers = (name: string) =>
    createMemoryProvider({ name, zones, faults: { isReachable: () => name === 'far' } });
  const heard = await askProviders(config, {
    clock: createFakeClock(),
    signal: new AbortController().signal,
    providers,
  });
  assert.deepEqual(
    heard.map(({ provider, silence }) => [provider, silence === null]),
    [
      ['far', true],
      ['more', false],
    ],
  );
});
