// Alerts reach a human: a webhook receiver sees a blocked operation again and again, signed, from the next controller too,
// until somebody acknowledges it (AS-05, S34); a command of the owner is told as well.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertMessage } from '../../src/ports/alerter.ts';
import { Cluster } from './support/cluster.ts';
import { waitUntil } from './support/wait-until.ts';

const SECRET = 'a secret that only the receiver knows';
const REPEAT_MS = 400;

describe('alerts', () => {
  test('repeat until acknowledged, outlive their controller, and say when they are over', async () => {
    await using receiver = await Receiver.start();
    await using cluster = await Cluster.running({ changes: [['dns:\n', `${alertsText(receiver.url)}dns:\n`]] });
    cluster.setMode('stop', 'a', 'fail');
    cluster.setMode('fence', 'a', 'idle');
    await cluster.accepted({ kind: 'switchover', from: 'a', to: 'b', reason: 'a story' });
    const open = () => receiver.messages.filter(({ state, rule }) => state === 'open' && rule === 'S17.proof-missing');
    await waitUntil('the alert to repeat', () => open().length >= 3);
    const [first] = open();
    assert.deepEqual([first?.count, first?.level, first?.service, first?.cluster], [1, 'critical', 'web', 'e2e']);
    assert.match(first?.remedy ?? '', /oneup confirm-down web --node a/);
    assert.equal(new Set(open().map(({ id }) => id)).size, 1, 'one condition has one id');

    const controller = await cluster.controller();
    assert.ok(controller !== null);
    await cluster.prober(controller).end('SIGKILL');
    const told = open().length;
    await waitUntil('the next controller to go on', () => open().length > told);
    assert.ok((open().at(-1)?.count ?? 0) > (first?.count ?? 0), 'it counts on');
    assert.notEqual(open().at(-1)?.prober, controller);

    const acked = await cluster.oneup('ack', 'web', '--reason', 'on it');
    assert.equal(acked.code, 0, acked.stderr);
    const atAck = open().length;
    await sleep(3 * REPEAT_MS);
    assert.ok(open().length <= atAck + 1, 'at most one was on its way');
    const [alert] = (await cluster.service()).alerts;
    assert.ok(alert?.ackedBy, 'status says who acknowledged it');

    cluster.setMode('fence', 'a', null);
    await waitUntil('the end of it to be told', () =>
      receiver.messages.some(({ state, rule }) => state === 'resolved' && rule === 'S17.proof-missing'),
    );
    assert.ok(readFileSync(cluster.path('told.log'), 'utf8').includes('S17.proof-missing'), 'the command was told');
    assert.deepEqual(receiver.badSignatures, []);
    cluster.setMode('stop', 'a', null);
  });

  test('a test alert goes to every channel, and one that fails is named', async () => {
    await using receiver = await Receiver.start();
    await using cluster = await Cluster.running({ changes: [['dns:\n', `${alertsText(receiver.url)}dns:\n`]] });
    const sent = await cluster.oneup('test-alert', '--json');
    assert.equal(sent.code, 0, sent.stderr);
    assert.deepEqual(receiver.messages.map(({ state }) => state).includes('test'), true);
    await receiver[Symbol.asyncDispose]();
    const failed = await cluster.oneup('test-alert', 'pager');
    assert.equal(failed.code, 1);
    assert.match(failed.stdout + failed.stderr, /pager/);
  });
});

function alertsText(url: string): string {
  return `alerts:
  repeat: ${REPEAT_MS}ms
  channels:
    pager: { webhook: { url: "${url}", secret: "${SECRET}" }, level: warning }
    mail: { exec: { command: [sh, -c, 'echo "$ONEUP_ALERT_JSON" >> told.log'] }, level: warning }
`;
}

/** What stands at the other end of a webhook: checks every signature and keeps what it was told. */
class Receiver {
  readonly messages: AlertMessage[] = [];
  readonly badSignatures: string[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        receiver.#take(Buffer.concat(chunks).toString('utf8'), request.headers);
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/alerts`;
  }

  #take(body: string, headers: Readonly<Record<string, string | string[] | undefined>>): void {
    const signed = `${headers['oneup-timestamp']}.${body}`;
    const expected = `v1=${createHmac('sha256', SECRET).update(signed).digest('hex')}`;
    if (headers['oneup-signature'] !== expected) this.badSignatures.push(body);
    this.messages.push(JSON.parse(body) as AlertMessage);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()));
  }
}
