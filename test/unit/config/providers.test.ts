// Entries of `providers`: every kind as people write it, and secrets that never reach the store.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references are written as they stand in the file
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { formatProblems } from '../../../src/config/format-problems.ts';
import { fileDigest, loadConfig, loadConfigText } from '../../../src/config/load.ts';
import { PROVIDER_BUDGETS } from '../../../src/config/provider-budget.ts';
import type { ProviderConfig, ProviderKind } from '../../../src/config/provider-config.ts';
import { TEST_SECRET, TEST_TSIG } from '../../support/config-input.ts';
import { acceptedConfig, configText } from '../../support/config-text.ts';

const UPDATES =
  'zones: [example.com], server: "192.0.2.53:53", tsig: { name: Oneup, secret: "${env:ONEUP_TEST_TSIG}" }';
const ROUTE53 = 'kind: route53, zone: example.com, hostedZoneId: Z1';
const ZONE_ID = '0123456789abcdef0123456789abcdef';

function textWith(entry: string): string {
  return configText(['services:', `providers:\n  out: { ${entry} }\nservices:`]);
}

/** The entry with its secrets shown. */
function provider(entry: string): unknown {
  const found = acceptedConfig(textWith(entry)).providers.find(({ name }) => name === 'out');
  return revealed(found as ProviderConfig);
}

function revealed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('reveal' in value) return (value as { reveal: () => string }).reveal();
  if (Array.isArray(value)) return value.map(revealed);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revealed(item)]));
}

function common(kind: ProviderKind): object {
  const budget = PROVIDER_BUDGETS[kind];
  return {
    name: 'out',
    kind,
    zones: ['example.com.'],
    timeoutMs: 5_000,
    servers: [],
    account: kind,
    budget,
    driftCron: '*/5 * * * *',
  };
}
const TARGET = {
  server: { host: '192.0.2.53', port: 53 },
  tsig: { name: 'oneup.', algorithm: 'hmac-sha256', secret: TEST_TSIG },
};

describe('providers', () => {
  const cases: readonly [what: string, entry: string, expected: object][] = [
    ['rfc2136', `kind: rfc2136, ${UPDATES}`, { ...common('rfc2136'), ...TARGET }],
    [
      'powerdns',
      `kind: powerdns, ${UPDATES}, api: { url: "http://127.0.0.1:8081/", apiKey: "\${file:token}" }`,
      {
        ...{ ...common('powerdns'), ...TARGET },
        api: { url: 'http://127.0.0.1:8081', apiKey: TEST_SECRET, serverId: 'localhost' },
      },
    ],
    [
      'route53 with what the SDK finds',
      ROUTE53,
      {
        ...{ ...common('route53'), hostedZoneId: 'Z1', region: null, endpoint: null, assumeRole: null },
        credentials: { kind: 'default' },
      },
    ],
    [
      'route53 with keys and a role',
      `${ROUTE53}, accessKeyId: "\${file:token}", secretAccessKey: "\${file:token}", assumeRole: { roleArn: "arn:aws:iam::111122223333:role/dns", externalId: abc }`,
      {
        ...{ ...common('route53'), hostedZoneId: 'Z1', region: null, endpoint: null },
        credentials: {
          kind: 'keys',
          accessKeyId: TEST_SECRET,
          secretAccessKey: TEST_SECRET,
          sessionToken: null,
        },
        assumeRole: { roleArn: 'arn:aws:iam::111122223333:role/dns', externalId: 'abc', sessionName: 'oneup' },
      },
    ],
    [
      'cloudflare with servers of its own',
      `kind: cloudflare, zone: example.com, zoneId: ${ZONE_ID}, apiToken: "\${file:token}", timeout: 2s, servers: ["127.0.0.1:5300"]`,
      {
        ...{ ...common('cloudflare'), zoneId: ZONE_ID, apiToken: TEST_SECRET, endpoint: null },
        ...{ timeoutMs: 2_000, servers: [{ host: '127.0.0.1', port: 5_300 }] },
      },
    ],
  ];
  test('share one budget with the others of their kind, unless they say otherwise', () => {
    const own = provider(`${ROUTE53}, account: second, budget: { calls: 20, per: 2s }`);
    assert.partialDeepStrictEqual(own, { account: 'second', budget: { calls: 20, perMs: 2_000, reserve: 5 } });
    const all = provider(`${ROUTE53}, budget: { calls: 20, per: 2s, reserve: 0 }`);
    assert.partialDeepStrictEqual(all, { account: 'route53', budget: { calls: 20, perMs: 2_000, reserve: 0 } });
  });

  for (const [what, entry, expected] of cases) {
    test(`${what} is resolved`, () => assert.deepEqual(provider(entry), expected));
  }

  test('stand beside the builtin one, several of one kind included', () => {
    const text = configText(['services:', `providers:\n  a: { ${ROUTE53} }\n  b: { ${ROUTE53} }\nservices:`]);
    assert.deepEqual(
      acceptedConfig(text).providers.map(({ name, kind }) => [name, kind]),
      [
        ['builtin', 'builtin'],
        ['a', 'route53'],
        ['b', 'route53'],
      ],
    );
  });

  test('give their zone to the records that they hold', () => {
    const text = textWith(`kind: rfc2136, ${UPDATES.replace('[example.com]', '[example.com, eu.example.com]')}`);
    const [service] = acceptedConfig(
      text.replace('name: web.ha.example.com.', 'name: web.eu.example.com, provider: out'),
    ).services;
    assert.deepEqual([service?.record.name, service?.record.zone], ['web.eu.example.com.', 'eu.example.com.']);
  });
});

describe('a secret that is written into the file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oneup-providers-'));
  after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'oneup.yaml');
  const entry = `kind: cloudflare, zone: example.com, zoneId: ${ZONE_ID}, apiToken: "written \\"out\\" here"`;
  const write = (text: string, mode: number) => {
    writeFileSync(file, text);
    chmodSync(file, mode);
  };
  const token = (loaded: ReturnType<typeof loadConfig>): string => {
    assert.ok(loaded.ok, loaded.ok ? '' : formatProblems(loaded.error));
    const found = loaded.value.config.providers.find(({ name }) => name === 'out');
    assert.ok(found?.kind === 'cloudflare');
    return found.apiToken.reveal();
  };

  test('is used, and the text for the store holds a reference in its place', () => {
    write(textWith(entry), 0o600);
    const loaded = loadConfig(file);
    assert.equal(token(loaded), 'written "out" here');
    assert.ok(loaded.ok);
    assert.match(loaded.value.text, /apiToken: "\$\{own:providers\.out\.apiToken\}"/);
    assert.ok(!loaded.value.text.includes('written'));
    assert.equal(fileDigest(file), loaded.value.digest, 'the same file is the same configuration');
    assert.deepEqual(
      loaded.value.config.secrets.map((secret) => secret.reveal()),
      ['written "out" here'],
    );
    assert.equal(token(loadConfigText(loaded.value.text, file)), 'written "out" here', 'read back from the store');
  });

  test('is taken out of comments and other values as well, and those are filled in from the same place', () => {
    const long = `${'k'.repeat(20)}-long`;
    const other = `out2: { kind: cloudflare, zone: example.org, zoneId: ${ZONE_ID}, apiToken: ${long}-er }`;
    const copies = `# ${long}-er, before: ${long}\n`;
    write(
      textWith(entry.replace(/apiToken: .*/, `apiToken: ${long}`))
        .replace('services:', `  ${other}\n${copies}services:`)
        .replace(/http: "([^"]*)"/, `http: { url: "$1", headers: { Authorization: "Bearer ${long}" } }`),
      0o600,
    );
    const loaded = loadConfig(file);
    assert.equal(token(loaded), long);
    assert.ok(loaded.ok);
    assert.ok(!loaded.value.text.includes(long), loaded.value.text);
    assert.match(
      loaded.value.text,
      /# \$\{own:providers\.out2\.apiToken\}, before: \$\{own:providers\.out\.apiToken\}\n/,
    );
    const target = loaded.value.config.services[0]?.nodes[0]?.check.target;
    assert.ok(target?.kind === 'http');
    assert.equal(target.headers[0]?.[1].reveal(), `Bearer ${long}`);
  });

  test('beside a reference is refused, and reaches neither the store nor a message', () => {
    for (const half of ['written${env:HOME}', '${env:HOME}written']) {
      write(textWith(entry.replace(/apiToken: .*/, `apiToken: "${half}"`)), 0o600);
      const loaded = loadConfig(file);
      assert.ok(!loaded.ok);
      const message = formatProblems(loaded.error);
      assert.match(message, /a secret is either written out or made of references alone/);
      assert.ok(!message.includes('written$') && !message.includes('}written'), message);
    }
  });

  test('is refused where others can read the file', () => {
    write(textWith(entry), 0o640);
    const loaded = loadConfig(file);
    assert.ok(!loaded.ok);
    const message = formatProblems(loaded.error);
    assert.match(message, /oneup\.yaml is open to other users, its mode is 0640/);
    assert.match(message, /chmod 600 /);
    assert.ok(!message.includes('written'), message);
  });

  test('is missed in the file of a prober that has none', () => {
    write(textWith(entry), 0o600);
    const loaded = loadConfig(file);
    assert.ok(loaded.ok);
    write(configText(), 0o600);
    const again = loadConfigText(loaded.value.text, file);
    assert.ok(!again.ok);
    assert.match(formatProblems(again.error), /has none[\s\S]*Write providers\.out\.apiToken into /);
  });

  test('on several lines cannot be taken out, and is refused', () => {
    write(
      configText([
        'services:',
        `providers:\n  out:\n    kind: cloudflare\n    zone: example.com\n    zoneId: ${ZONE_ID}\n    apiToken: |\n      written\nservices:`,
      ]),
      0o600,
    );
    const loaded = loadConfig(file);
    assert.ok(!loaded.ok);
    assert.match(formatProblems(loaded.error), /must not stand here/);
    assert.ok(!formatProblems(loaded.error).includes('written'));
  });
});
