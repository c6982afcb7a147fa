// Every kind of check as it is resolved for a node: addresses, defaults, secrets, proxies and what single probers see instead.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import type { CheckTarget } from '../../../src/config/check-target.ts';
import type { CheckConfig } from '../../../src/config/config.ts';
import { parseJsonPath } from '../../../src/config/json-path.ts';
import { acceptedConfig, configText } from '../../support/config-text.ts';

const VALID_CHECK = /check: .*/;

function checkOf(written: string, node = 0): CheckConfig {
  const valid = configText();
  const line = VALID_CHECK.exec(valid)?.[0] ?? '';
  const check = acceptedConfig(configText([line, `check: ${written}`])).services[0]?.nodes[node]?.check;
  assert.ok(check !== undefined);
  return check;
}

function targetOf(written: string): CheckTarget {
  return checkOf(written).target;
}

describe('kinds of checks', () => {
  test('hosts are the node unless written, with the usual port', () => {
    const kinds = ['{ tls: {} }', '{ dns: { name: x.example } }', '{ icmp: {} }', '{ redis: {} }'];
    for (const written of kinds) assert.equal((targetOf(written) as { host: string }).host, '192.0.2.21', written);
    assert.deepEqual(targetOf('{ tls: { host: "[2001:db8::1]" } }'), {
      kind: 'tls',
      host: '2001:db8::1',
      port: 443,
      tls: { ca: null, serverName: null, verify: true },
      minDaysToExpiry: null,
      proxy: null,
    });
    const ports = ['postgres', 'mysql'].map((kind) => targetOf(`{ ${kind}: { username: u } }`));
    assert.deepEqual(
      ports.map((target) => (target as { port: number }).port),
      [5432, 3306],
    );
  });

  test('what waits by itself waits no longer than the check', () => {
    assert.equal((targetOf('{ dns: { name: x.example }, timeout: 1s }') as { waitMs: number }).waitMs, 1_000);
    assert.equal((targetOf('{ icmp: {}, timeout: 1s }') as { waitMs: number }).waitMs, 800);
  });

  test('all, any and atLeast are numbers of parts', () => {
    const parts = '[{ icmp: {} }, { tcp: "{address}:1" }, { exec: [true] }]';
    const counts = [`{ all: ${parts} }`, `{ any: ${parts} }`, `{ atLeast: { count: 2, of: ${parts} } }`].map(
      (written) => {
        const target = targetOf(written);
        assert.ok(target.kind === 'group');
        assert.deepEqual(
          target.parts.map(({ kind }) => kind),
          ['icmp', 'tcp', 'exec'],
        );
        return target.atLeast;
      },
    );
    assert.deepEqual(counts, [3, 1, 2]);
  });

  test('passwords are never shown', () => {
    const target = targetOf(
      '{ tcp: "{address}:1", proxy: { url: "socks5://192.0.2.9:1080", username: u, password: hidden-77 } }',
    );
    assert.ok(target.kind === 'tcp' && target.proxy?.password?.reveal() === 'hidden-77');
    assert.ok(!`${JSON.stringify(target)}${inspect(target)}`.includes('hidden'));
  });

  test('the values of a query are compared as text, whatever YAML makes of them', () => {
    for (const [written, text] of [
      ['false', 'false'],
      ['0', '0'],
      ['"f"', 'f'],
    ] as const) {
      const target = targetOf(`{ postgres: { username: u, query: select 1, expect: ${written} } }`);
      assert.equal((target as { expect: string }).expect, text);
    }
  });
});

describe('overrides', () => {
  test('change address, kind, proxy and time for one prober and leave the rest', () => {
    const check = checkOf(
      '{ tcp: "{address}:1", proxy: "http://192.0.2.9:1", timeout: 2s, overrides: { p1: { address: "10.0.0.{node.zone}" }, p2: { icmp: {}, timeout: 1s }, p3: { proxy: "socks5://192.0.2.8:2" } } }'.replace(
        '{node.zone}',
        '7',
      ),
    );
    const proxy = { kind: 'http', host: '192.0.2.9', port: 1, username: null, password: null };
    assert.deepEqual(check.target, { kind: 'tcp', host: '192.0.2.21', port: 1, proxy });
    const [first, second, third] = check.overrides ?? [];
    assert.deepEqual(first, { prober: 'p1', target: { ...check.target, host: '10.0.0.7' }, timeoutMs: 2_000 });
    assert.equal(third?.target.kind === 'tcp' && third.target.proxy?.kind, 'socks5');
    assert.deepEqual([second?.target.kind, second?.timeoutMs], ['icmp', 1_000]);
  });
});

test('parseJsonPath reads names and places, and refuses the rest', () => {
  const good = { a: ['a'], 'a.b': ['a', 'b'], 'a[0].b': ['a', 0, 'b'], '[1][2]': [1, 2], 'a-b.c d': ['a-b', 'c d'] };
  for (const [text, parts] of Object.entries(good)) assert.deepEqual(parseJsonPath(text), { ok: true, value: parts });
  for (const text of ['.a', 'a.', 'a..b', 'a[', 'a[x]', 'a[-1]', 'a[0]b', `a${'.a'.repeat(20)}`]) {
    assert.ok(!parseJsonPath(text).ok, text);
  }
});
