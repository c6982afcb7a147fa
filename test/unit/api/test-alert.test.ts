// A test alert by the API: what cannot be sent is said before anything is.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ApiSource } from '../../../src/api/api-source.ts';
import { type TestAlert, testAlert } from '../../../src/api/test-alert.ts';

function sourceWith(...names: readonly string[]): ApiSource {
  return { config: { alerts: { channels: names.map((name) => ({ name })) } } } as unknown as ApiSource;
}

const asked: (string | null)[] = [];
const send: TestAlert = async (channel) => {
  asked.push(channel);
  return { pager: { kind: 'sent' } };
};

describe('POST /v1/test-alert', () => {
  test('passes the channel on, or null for all of them', async () => {
    const answer = await testAlert(sourceWith('pager'), send, { channel: 'pager' });
    await testAlert(sourceWith('pager'), send, { channel: null });
    assert.deepEqual(answer, { status: 200, body: { pager: { kind: 'sent' } } });
    assert.deepEqual(asked.splice(0), ['pager', null]);
  });

  for (const [what, source, body, expected] of [
    ['no channel is configured', sourceWith(), { channel: null }, /no channel is configured/],
    ['there is none of that name', sourceWith('pager', 'mail'), { channel: 'fax' }, /are pager, mail, value was fax/],
    ['the request cannot be read', sourceWith('pager'), { chanel: 'pager' }, /Cannot read request/],
  ] as const) {
    test(`says so when ${what}`, async () => {
      await assert.rejects(testAlert(source, send, body), { code: 'ONEUP_USAGE', message: expected });
      assert.deepEqual(asked, [], 'nothing was sent');
    });
  }
});
