// What may leave the house with an alert, whatever a reason quotes.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Secret } from '../../../src/base/secret.ts';
import { alertPayload } from '../../../src/telemetry/alert-payload.ts';
import { alertMessage } from './alert-message.ts';

describe('alertPayload', () => {
  test('has every field of the message, and the time as people read it', () => {
    const { wallMs, ...fields } = alertMessage();
    assert.deepEqual(alertPayload(alertMessage(), []), { ...fields, format: 1, time: '2026-01-01T00:00:00.000Z' });
  });

  test('what is not known stays null', () => {
    const payload = alertPayload(alertMessage({ rule: null, reason: null, remedy: null }), []);
    assert.deepEqual([payload.rule, payload.reason, payload.remedy], [null, null, null]);
  });

  test('texts are one line without control characters', () => {
    const subject = 'down\r\nBcc: all@example.com\0\u2028\u001b[31m end\n';
    assert.equal(alertPayload(alertMessage({ subject }), []).subject, 'down Bcc: all@example.com [31m end');
  });

  test('texts are bounded, and no character is cut in half', () => {
    const { reason } = alertPayload(alertMessage({ reason: `x${'\u{1F6A8}'.repeat(5_000)}` }), []);
    assert.equal(reason?.length, 2_003);
    assert.ok(reason?.isWellFormed());
    assert.ok(reason?.endsWith('...'));
  });

  test('secrets are removed from every text', () => {
    const secret = 's3cr3t-value';
    const texts = {
      id: secret,
      subject: secret,
      rule: secret,
      reason: `with ${secret}`,
      remedy: secret,
      prober: secret,
    };
    const payload = alertPayload(alertMessage(texts), [new Secret(secret)]);
    assert.ok(!JSON.stringify(payload).includes(secret));
    assert.equal(payload.reason, 'with ***');
  });
});
