// Real receivers that take an alert, are busy, silent, talkative, point elsewhere or are not there.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Secret } from '../../../src/base/secret.ts';
import { createSystemClock } from '../../../src/clock/system-clock.ts';
import type { AlertOutcome } from '../../../src/ports/alerter.ts';
import { alertPayload } from '../../../src/telemetry/alert-payload.ts';
import { createWebhookAlerter, type WebhookAlerterOptions } from '../../../src/telemetry/webhook-alerter.ts';
import { openBlackHole } from '../../support/black-hole.ts';
import { alertMessage } from './alert-message.ts';
import { openReceiver, type Received } from './receiver.ts';

const KEY = 'k3y-of-the-receiver';
/** Pauses are asked for in full and waited for in part, so that the tests are quick. */
const HASTE = 50;
const system = createSystemClock();

function world(change: Partial<WebhookAlerterOptions> & { readonly url: string }) {
  const pauses: number[] = [];
  const clock = {
    ...system,
    sleep: (ms: number, options: { readonly signal: AbortSignal }) => {
      pauses.push(ms);
      return system.sleep(ms / HASTE, options);
    },
  };
  const alerter = createWebhookAlerter({
    name: 'pager',
    secret: new Secret(KEY),
    timeoutMs: 5_000,
    clock,
    secrets: [new Secret(KEY)],
    ...change,
  });
  return { pauses, send: (signal = new AbortController().signal) => alerter.send(alertMessage(), { signal }) };
}

function reasonOf(outcome: AlertOutcome): string {
  assert.ok(outcome.kind === 'failed', 'the alert was taken');
  assert.ok(!outcome.reason.includes('in-the-query'), outcome.reason);
  return outcome.reason;
}

function status(code: number, headers: Record<string, string> = {}) {
  return (response: ServerResponse) => void response.writeHead(code, headers).end();
}

describe('webhook alerter: delivery', () => {
  test('posts the alert as JSON, once', async () => {
    await using receiver = await openReceiver();
    assert.deepEqual(await world(receiver).send(), { kind: 'sent' });
    const [first, ...others] = receiver.received;
    assert.deepEqual(others, []);
    assert.deepEqual([first?.method, first?.path], ['POST', '/hook?key=in-the-query']);
    assert.equal(first?.headers['content-type'], 'application/json');
    assert.deepEqual(JSON.parse(first?.body ?? ''), alertPayload(alertMessage(), []));
  });

  test('signs timestamp and body, and never sends the key', async () => {
    await using receiver = await openReceiver();
    await world(receiver).send();
    const [got] = receiver.received;
    const timestamp = got?.headers['oneup-timestamp'];
    assert.ok(typeof timestamp === 'string' && Math.abs(Number(timestamp) - Date.now() / 1_000) < 60);
    const digest = createHmac('sha256', KEY).update(`${timestamp}.${got?.body}`).digest('hex');
    assert.equal(got?.headers['oneup-signature'], `v1=${digest}`);
    assert.ok(!JSON.stringify(got).includes(KEY));
  });

  test('without a key nothing is signed', async () => {
    await using receiver = await openReceiver();
    await world({ ...receiver, secret: null }).send();
    assert.equal(receiver.received[0]?.headers['oneup-signature'], undefined);
  });

  test('each delivery has an id of its own', async () => {
    await using receiver = await openReceiver();
    const { send } = world(receiver);
    await send();
    await send();
    assert.equal(new Set(receiver.received.map(({ headers }) => headers['oneup-delivery'])).size, 2);
  });

  test('the verification that docs/alerts.md shows accepts it, and nothing that was changed', async () => {
    await using receiver = await openReceiver();
    await world(receiver).send();
    const [got] = receiver.received;
    assert.ok(got !== undefined);
    const isFromOneup = await documentedVerification();
    const { headers, body } = got;
    const nowSeconds = Number(headers['oneup-timestamp']);
    assert.equal(isFromOneup({ headers, body, secret: KEY, nowSeconds }), true);
    assert.equal(isFromOneup({ headers, body: `${body} `, secret: KEY, nowSeconds }), false);
    assert.equal(isFromOneup({ headers, body, secret: 'another', nowSeconds }), false);
    assert.equal(isFromOneup({ headers, body, secret: KEY, nowSeconds: nowSeconds + 301 }), false);
    assert.equal(isFromOneup({ headers: {}, body, secret: KEY, nowSeconds }), false);
    const later = { ...headers, 'oneup-timestamp': `${nowSeconds + 1}` };
    assert.equal(isFromOneup({ headers: later, body, secret: KEY, nowSeconds }), false);
  });
});

describe('webhook alerter: receivers that are not well', () => {
  for (const code of [408, 429, 500, 503]) {
    test(`status ${code} is tried again under the same delivery id, with growing pauses`, async () => {
      await using receiver = await openReceiver((response, count) => status(count < 4 ? code : 204)(response));
      const { send, pauses } = world(receiver);
      assert.deepEqual(await send(), { kind: 'sent' });
      assert.deepEqual(pauses, [500, 1_000, 2_000]);
      assert.equal(receiver.received.length, 4);
      const bodies = (pick: (one: Received) => unknown) => new Set(receiver.received.map(pick)).size;
      assert.deepEqual([bodies(({ headers }) => headers['oneup-delivery']), bodies(({ body }) => body)], [1, 1]);
    });
  }

  test('after four attempts it is given up', async () => {
    await using receiver = await openReceiver(status(500));
    assert.match(
      reasonOf(await world(receiver).send()),
      /^Cannot deliver to 127\.0\.0\.1:\d+ in 4 attempts: status was 500$/,
    );
    assert.equal(receiver.received.length, 4);
  });

  for (const code of [400, 401, 404, 410]) {
    test(`status ${code} is not tried again`, async () => {
      await using receiver = await openReceiver(status(code));
      assert.match(reasonOf(await world(receiver).send()), new RegExp(`: status was ${code}$`));
      assert.equal(receiver.received.length, 1);
    });
  }

  test('a redirect is not followed', async () => {
    await using elsewhere = await openReceiver();
    for (const code of [301, 302, 307, 308]) {
      await using receiver = await openReceiver(status(code, { location: elsewhere.url }));
      assert.match(reasonOf(await world(receiver).send()), /redirects are not followed$/);
      assert.equal(receiver.received.length, 1);
    }
    assert.deepEqual(elsewhere.received, []);
  });

  test('a peer that takes the alert and says nothing costs the time limit and no more', async () => {
    await using receiver = await openReceiver(() => {});
    const began = system.monotonicMs();
    const reason = reasonOf(await world({ ...receiver, timeoutMs: 300 }).send());
    assert.match(reason, /: no answer, given up after 300ms$/);
    assert.ok(system.monotonicMs() - began < 2_000);
    assert.equal(receiver.received.length, 1);
  });

  test('so does a machine that never takes the connection', async () => {
    await using hole = await openBlackHole();
    const reason = reasonOf(await world({ url: `http://127.0.0.1:${hole.port}/`, timeoutMs: 300 }).send());
    assert.match(reason, /: no answer, given up after 300ms$/);
  });

  test('a port where nobody listens is tried again', async () => {
    const receiver = await openReceiver();
    await receiver[Symbol.asyncDispose]();
    const { send, pauses } = world(receiver);
    assert.match(reasonOf(await send()), /in 4 attempts: ECONNREFUSED$/);
    assert.deepEqual(pauses, [500, 1_000, 2_000]);
  });

  test('a connection that breaks before the answer is tried again', async () => {
    await using receiver = await openReceiver((response, count) => {
      if (count === 1) response.destroy();
      else response.end();
    });
    assert.deepEqual(await world(receiver).send(), { kind: 'sent' });
    assert.equal(receiver.received.length, 2);
  });

  test('when the time is over between two attempts, what the last one found is told', async () => {
    await using receiver = await openReceiver(status(503));
    const reason = reasonOf(await world({ ...receiver, timeoutMs: 300, clock: system }).send());
    assert.match(reason, /^Cannot deliver to 127\.0\.0\.1:\d+: status was 503, given up after 300ms$/);
    assert.equal(receiver.received.length, 1);
  });

  test('when the time is over within an attempt, what the one before found is told', async () => {
    await using receiver = await openReceiver((response, count) => {
      if (count === 1) response.writeHead(429).end();
    });
    const reason = reasonOf(await world({ ...receiver, timeoutMs: 300 }).send());
    assert.match(reason, / in 2 attempts: status was 429, given up after 300ms$/);
  });

  test('a receiver with a certificate that nobody vouches for gets nothing', async () => {
    await using receiver = await openReceiver(status(204), { isTls: true });
    assert.match(reasonOf(await world(receiver).send()), /: DEPTH_ZERO_SELF_SIGNED_CERT$/);
    assert.deepEqual(receiver.received, []);
  });

  test('an answer that switches to another protocol is no answer', async () => {
    await using receiver = await openReceiver((response) => {
      response.socket?.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: else\r\n\r\n');
    });
    assert.match(reasonOf(await world(receiver).send()), /in 4 attempts: the connection closed without an answer$/);
  });

  test('an answer without end is cut off', async () => {
    let written = 0;
    await using receiver = await openReceiver((response) => {
      const chunk = Buffer.alloc(16_384);
      const more = () => {
        while (!response.destroyed && written < 100_000_000) {
          written += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
      };
      more();
    });
    assert.deepEqual(await world(receiver).send(), { kind: 'sent' });
    assert.ok(written < 50_000_000, `${written} bytes were read`);
  });

  test('an answer whose body never ends is what its status says', async () => {
    await using receiver = await openReceiver((response) => void response.writeHead(200).write('wait'));
    assert.deepEqual(await world({ ...receiver, timeoutMs: 300 }).send(), { kind: 'sent' });
  });

  test('it ends at once when oneup does', async () => {
    await using receiver = await openReceiver(() => {});
    const end = new AbortController();
    const outcome = world(receiver).send(end.signal);
    end.abort();
    assert.match(reasonOf(await outcome), /: no answer$/);
  });
});

type Verification = (given: {
  readonly headers: object;
  readonly body: string;
  readonly secret: string;
  readonly nowSeconds: number;
}) => boolean;

/** The block of the page, as a reader would save and import it. */
async function documentedVerification(): Promise<Verification> {
  const page = readFileSync(new URL('../../../docs/alerts.md', import.meta.url), 'utf8');
  const block = /```js\n([\s\S]*?)```/.exec(page)?.[1];
  assert.ok(block !== undefined, 'docs/alerts.md has a block of JavaScript');
  const directory = mkdtempSync(join(tmpdir(), 'oneup-alerts-page-'));
  try {
    const file = join(directory, 'receiver.mjs');
    writeFileSync(file, block);
    return (await import(pathToFileURL(file).href)).isFromOneup;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
