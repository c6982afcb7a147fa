// The rules that depend on the machine (S7, S13).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkLocality } from '../../../src/config/check-locality.ts';
import { acceptedConfig, configText } from '../../support/config-text.ts';

const NOWHERE = { localAddresses: null };

describe('checkLocality', () => {
  test('accepts loopback and the addresses of this machine, in any spelling', () => {
    const text = configText(['127.0.0.2', '192.0.2.10'], ['127.0.0.3', '"2001:db8::3"']);
    const config = acceptedConfig(text, NOWHERE);
    assert.deepEqual(checkLocality(config, ['192.0.2.10', '2001:DB8:0:0::3', 'fe80::1%eth0']), []);
  });

  test('refuses a sqlite store and an exec start as soon as one prober runs elsewhere', () => {
    const config = acceptedConfig(configText(['127.0.0.3', '198.51.100.3']), NOWHERE);
    const found = checkLocality(config, ['192.0.2.10']).map(({ rule, path }) => [rule, path.join('.')]);
    assert.deepEqual(found, [
      ['S7', 'cluster.probers.2.address'],
      ['S13', 'services.web.actions.start'],
    ]);
  });

  test('accepts starts that every prober can ask about: over ssh and by a hook (S13)', () => {
    const written = 'start: { exec: [/opt/start, "{node.id}"] }';
    const hook = 'http: { url: "https://{address}/hook", secret: 0123456789abcdef }';
    for (const start of ['ssh: { host: "{address}", command: [/opt/start] }', hook]) {
      const text = configText(['127.0.0.3', '198.51.100.3'], [written, `start: { ${start} }`]);
      const found = checkLocality(acceptedConfig(text, NOWHERE), []).map(({ rule }) => rule);
      assert.deepEqual(found, ['S7'], start);
    }
  });

  test('asks nothing of services that a person moves, or that may run twice (S13)', () => {
    for (const change of ['failover: { automatic: false }', 'exclusive: false']) {
      const text = configText(['127.0.0.3', '198.51.100.3'], ['    check: {', `    ${change}\n    check: {`]);
      const rules = checkLocality(acceptedConfig(text, NOWHERE), []).map(({ rule }) => rule);
      assert.deepEqual(rules, ['S7']);
    }
  });
});
