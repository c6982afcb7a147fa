// Where alerts go: defaults, the two kinds of channel, what may be sent without encryption, and that secrets stay secret.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references are written as they stand in the file
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { ok } from '../../../src/base/result.ts';
import type { AlertChannelConfig } from '../../../src/config/alerts-config.ts';
import { TEST_SECRET } from '../../support/config-input.ts';
import { acceptedConfig, configText, refusal } from '../../support/config-text.ts';

describe('parseConfig: alerts', () => {
  test('without the section nobody is told, and the pause has its default', () => {
    assert.deepEqual(acceptedConfig(configText()).alerts, { repeatMs: 300_000, channels: [] });
  });

  test('the example of docs/alerts.md is accepted', () => {
    const page = readFileSync(new URL('../../../docs/alerts.md', import.meta.url), 'utf8');
    const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1];
    const readFile = () => ok({ text: TEST_SECRET, mode: 0o600 });
    const { alerts } = acceptedConfig(`${configText()}${example}`, { readFile });
    assert.deepEqual(
      alerts.channels.map(({ name, kind, minLevel }) => [name, kind, minLevel]),
      [
        ['pager', 'webhook', 'critical'],
        ['mail', 'exec', 'warning'],
      ],
    );
  });

  test('an exec channel takes a command as actions write it', () => {
    const text = withAlerts(
      '{ mail: { exec: { command: [notify, 010], env: { KEY: "${env:ONEUP_TEST_TOKEN}" }, cwd: tools } } }',
    );
    const [channel] = acceptedConfig(text).alerts.channels;
    assert.ok(channel?.kind === 'exec');
    const { command, ...rest } = channel;
    assert.deepEqual(rest, { kind: 'exec', name: 'mail', timeoutMs: 10_000, minLevel: 'warning' });
    assert.deepEqual([command.argv, command.cwd], [['notify', '010'], '/etc/oneup/tools']);
    assert.equal(command.env[0]?.[1].reveal(), TEST_SECRET);
  });

  test('a webhook channel has its URL in normal form, and is unsigned without a secret', () => {
    const [pager, log] = channels(
      '{ pager: { webhook: { url: "https://Alerts.example.net" }, level: critical, timeout: 2s }, log: { exec: [log], level: info } }',
    );
    assert.deepEqual(pager, {
      kind: 'webhook',
      name: 'pager',
      timeoutMs: 2_000,
      minLevel: 'critical',
      url: 'https://alerts.example.net/',
      secret: null,
    });
    assert.deepEqual([log?.name, log?.minLevel], ['log', 'info']);
  });

  test('the secret of a webhook is in neither JSON nor inspect, written out or not', () => {
    for (const [written, value] of [
      ['${env:ONEUP_TEST_TOKEN}', TEST_SECRET],
      ['written-out', 'written-out'],
    ] as const) {
      const config = acceptedConfig(
        withAlerts(`{ pager: { webhook: { url: "https://alerts.example.net/", secret: "${written}" } } }`),
      );
      const [channel] = config.alerts.channels;
      assert.ok(channel?.kind === 'webhook');
      assert.equal(channel.secret?.reveal(), value);
      for (const shown of [
        JSON.stringify(config),
        inspect(config, { depth: 20 }),
        inspect(channel),
        JSON.stringify(channel),
      ]) {
        assert.ok(!shown.includes(value), shown);
      }
    }
  });

  test('http is for this machine, or for those who say that they know', () => {
    const webhook = (url: string, more = '') => `{ a: { webhook: { url: "${url}"${more} } } }`;
    for (const host of ['127.0.0.1:8080', '127.8.9.10', '[::1]:8080', 'localhost']) {
      assert.equal(channels(webhook(`http://${host}/x`)).length, 1);
    }
    for (const host of ['192.0.2.1', '127.0.0.1.example.net', '[2001:db8::1]', 'localhost.example.net', '0.0.0.0']) {
      assert.match(refusal(withAlerts(webhook(`http://${host}/x`))), /over http/);
      assert.equal(channels(webhook(`http://${host}/x`, ', insecure: true')).length, 1);
      assert.equal(channels(webhook(`https://${host}/x`)).length, 1);
    }
  });
});

function channels(text: string): readonly AlertChannelConfig[] {
  return acceptedConfig(withAlerts(text)).alerts.channels;
}

function withAlerts(text: string): string {
  return `${configText()}alerts:\n  channels: ${text}\n`;
}
