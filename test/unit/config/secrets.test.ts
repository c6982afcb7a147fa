// Values from the environment and from files: they reach the place that needs them, and no other.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references are written as they stand in the file
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { redact } from '../../../src/base/secret.ts';
import type { Config } from '../../../src/config/config.ts';
import { configDigest } from '../../../src/config/config-digest.ts';
import { commandOf } from '../../support/command-of.ts';
import { TEST_SECRET } from '../../support/config-input.ts';
import { acceptedConfig, configText, refusal } from '../../support/config-text.ts';

const START = 'exec: [/opt/start, "{node.id}"]';
const CHECK = '{ http: "http://{address}:8080/" }';
const TOKEN = '"Bearer ${env:ONEUP_TEST_TOKEN}"';

/** A secret in every place that takes one. */
const TEXT = configText(
  [START, `exec: { command: [/opt/start], env: { TOKEN: "\${file:token}" }, cwd: "/opt/\${env:ONEUP_TEST_TOKEN}" }`],
  [CHECK, `{ http: { url: "http://{address}/\${env:ONEUP_TEST_TOKEN}", headers: { Authorization: ${TOKEN} } } }`],
  ['path: var/oneup.db', 'path: "${env:ONEUP_TEST_TOKEN}"'],
);

describe('parseConfig: secrets', () => {
  const config = acceptedConfig(TEXT);
  const node = config.services[0]?.nodes[0];

  test('arrive where they are used, whatever braces they hold', () => {
    assert.deepEqual(
      commandOf(node?.actions.start).env.map(([name, value]) => [name, value.reveal()]),
      [['TOKEN', TEST_SECRET]],
    );
    assert.ok(node?.check.target.kind === 'http');
    assert.equal(node.check.target.headers[0]?.[1].reveal(), `Bearer ${TEST_SECRET}`);
    assert.equal(storePath(config), `/etc/oneup/${TEST_SECRET}`);
  });

  test('stand in config.secrets once each, so that evidence can be cleaned', () => {
    assert.deepEqual(
      config.secrets.map((secret) => secret.reveal()),
      [TEST_SECRET],
    );
    assert.equal(redact(`failed with ${TEST_SECRET}`, config.secrets), 'failed with ***');
  });

  test('are in neither JSON nor inspect of the Config, however deep', () => {
    const shown = [JSON.stringify(config), inspect(config, { depth: 20, showHidden: true }), `${config.secrets}`];
    for (const text of shown) {
      assert.ok(!text.includes(TEST_SECRET), text);
      assert.match(text, /\*\*\*/);
    }
  });

  test('values of env and headers are secret even when they are written out', () => {
    const text = configText(
      [START, 'exec: { command: [/opt/start], env: { TOKEN: written-out } }'],
      [CHECK, '{ http: { url: "http://{address}/", headers: { X-Token: written-out } } }'],
    );
    const [service] = acceptedConfig(text).services;
    for (const shown of [JSON.stringify(service), inspect(service, { depth: 20 })]) {
      assert.ok(!shown.includes('written-out'), shown);
    }
  });

  test('never appear in problems, not even in those about their own value', () => {
    const places = [
      ['name: test', 'name: "${env:ONEUP_TEST_TOKEN}"'],
      ['vantage: east', 'vantage: "${env:ONEUP_TEST_TOKEN}"'],
      ['sessionTtl: 15s', 'sessionTtl: "${env:ONEUP_TEST_TOKEN}"'],
      ['listen: 127.0.0.1:0', 'listen: "${file:token}"'],
      ['ns: [p1, p2, p3]', 'ns: ["${file:token}"]'],
      ['values: [192.0.2.80]', 'values: ["${file:token}"]'],
      ['name: web.ha.example.com.', 'name: "${file:token}"'],
      ['record: { ', 'record: { provider: "${file:token}", '],
      ['id: a, ', 'id: "${file:token}", '],
      ['address: 192.0.2.21', 'address: "${file:token}"'],
      [START, 'exec: [/opt/start, "${file:token}"]'],
      [CHECK, '{ http: "${file:token}" }'],
      [CHECK, '{ tcp: "${file:token}" }'],
      [CHECK, '{ http: { url: "http://{address}/", status: "${file:token}" } }'],
    ] as const;
    for (const place of places) {
      const text = refusal(configText(place));
      assert.ok(!text.includes(TEST_SECRET), text);
      assert.ok(!text.includes('s3cr3t'), text);
    }
  });
});

test('parseConfig reads a reference whose value is missing once, and says nothing else about its place', () => {
  const text = refusal(configText(['address: 192.0.2.21', 'address: "${env:ONEUP_TEST_ADDRESS}"']));
  assert.equal(text.split('\n').length, 2, text);
});

test('configDigest is that of the text before replacement (S7)', () => {
  assert.equal(configDigest('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  assert.notEqual(configDigest('${env:A}'), configDigest('${env:B}'));
});

function storePath({ cluster }: Config): string {
  return cluster.store.kind === 'sqlite' ? cluster.store.path : assert.fail(cluster.store.kind);
}
