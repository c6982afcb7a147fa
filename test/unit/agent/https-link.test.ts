// The link of an agent, on real sockets: which prober it asks, when it gives one up, and that no answer can hurt it.
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import type { OneupError } from '../../../src/base/oneup-error.ts';
import type { Endpoint } from '../../../src/config/config.ts';
import type { Renewal } from '../../../src/ports/agent-link.ts';
import { createIdentity, LEASE, openDoorWorld } from '../../support/agent-door-world.ts';
import { openBlackHole } from '../../support/black-hole.ts';

const IDENTITY = createIdentity();
const SECRET = `oneup_0123456789ab_${'S'.repeat(43)}`;
const RENEWAL: Renewal = {
  ...{ ...LEASE, service: 'web', node: 'a', epoch: 4 },
  ...{ agentRun: 'r1', bootId: 'boot1', sentBootMs: 1_000, armed: true, enforced: 'keeper', asked: [], seen: null },
};
const LONG_MS = 30_000;

function within(ms: number) {
  return { signal: AbortSignal.timeout(ms) };
}

/** A server that has the right certificate and is no prober. */
async function openImpostor(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const asked: string[] = [];
  const server = createServer({ ...IDENTITY.certificate }, (request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint: Endpoint = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  return {
    endpoint,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('https link', { concurrency: true }, () => {
  test('asks the next prober when one does not answer, and stays with the one that did', async () => {
    await using world = await openDoorWorld(IDENTITY);
    await using broken = await openImpostor((request) => request.socket.destroy());
    const good = await world.open();
    const link = world.link({ doors: [broken, good], token: (await world.token()).text });
    for (let count = 0; count < 3; count += 1)
      assert.match((await link.renew(RENEWAL, within(LONG_MS))).kind, /^(renewed|behind)$/);
    assert.equal(broken.asked.length, 1, 'the broken one was asked once');
    await link.goals({ after: -1, ...within(LONG_MS) });
    assert.deepEqual(broken.asked, ['/v1/agent/renew', '/v1/agent/goals'], 'goals may go elsewhere than renewals');
  });

  test('a silent prober does not use up every call: the next one begins elsewhere', async () => {
    await using world = await openDoorWorld(IDENTITY);
    await using silent = await openImpostor(() => undefined);
    await using gone = await openBlackHole();
    const hole = { endpoint: { host: '127.0.0.1', port: gone.port } };
    const link = world.link({ doors: [silent, hole, await world.open()], token: (await world.token()).text });
    const unanswered = (error: OneupError) => error.code === 'ONEUP_AGENT_UNANSWERED';
    // Each call ends before the silent one is given up.
    await assert.rejects(link.renew(RENEWAL, within(1_000)), unanswered);
    let answered = false;
    for (let calls = 0; calls < 10 && !answered; calls += 1)
      answered = await link.renew(RENEWAL, within(1_000)).then(
        () => true,
        () => false,
      );
    assert.ok(answered, 'every call began at the silent prober');
    const began = performance.now();
    const patient = world.link({ doors: [silent, hole], token: SECRET });
    await assert.rejects(patient.renew(RENEWAL, within(LONG_MS)), unanswered);
    assert.ok(performance.now() - began < 20_000, 'each prober has a deadline of its own');
  });

  test('an answer that is no answer is passed over, whatever it is', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const { text } = await world.token();
    const good = await world.open();
    const answers: readonly ((response: ServerResponse) => void)[] = [
      (response) => response.end('hello'),
      (response) => response.end('null'),
      (response) => response.end('{"kind":"over"}'),
      (response) => response.end('{"kind":"renewed?"}'),
      (response) => response.writeHead(302, { location: 'https://192.0.2.1/' }).end(),
      (response) => response.writeHead(500).end('<html>'),
      (response) => response.end(`{"kind":"renewed","x":"${'x'.repeat(1_100_000)}"}`),
      (response) => response.writeHead(200, { 'content-length': 1_000 }).write('{"kind"', () => response.destroy()),
      (response) => response.socket?.end('no http\r\n\r\n'),
    ];
    for (const [index, answer] of answers.entries()) {
      await using impostor = await openImpostor((request, response) => {
        request.resume();
        answer(response);
      });
      const link = world.link({ doors: [impostor, good], token: text });
      assert.match((await link.renew(RENEWAL, within(LONG_MS))).kind, /^(renewed|behind)$/, `answer ${index}`);
      const alone = world.link({ doors: [impostor], token: text });
      for (const call of [alone.renew(RENEWAL, within(LONG_MS)), alone.goals({ after: -1, ...within(LONG_MS) })])
        await assert.rejects(call, (error: OneupError) => error.code === 'ONEUP_AGENT_UNANSWERED');
    }
  });

  test('goals of another cluster, half an order and goals of an older generation are not taken', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const goal = {
      ...{ service: 'web', node: 'a', generation: 3, grant: null, order: null, lease: LEASE, onStoreLoss: 'selfFence' },
      actions: { start: { kind: 'run', argv: ['/bin/true'], env: {}, cwd: null } },
    };
    const goals = { cluster: 'test', generation: { number: 3, id: 'g3' }, revision: 1, goals: [goal] };
    let answer: object = goals;
    await using prober = await openImpostor((_request, response) => response.end(JSON.stringify(answer)));
    const link = world.link({ doors: [prober], token: SECRET });
    const ask = () => link.goals({ after: -1, ...within(LONG_MS) });
    assert.deepEqual(await ask(), goals);
    const wrong: readonly object[] = [
      { ...goals, cluster: 'prod' },
      { ...goals, revision: -1 },
      { ...goals, goals: [{ ...goal, order: { action: 'start' } }] },
      { ...goals, goals: [{ ...goal, grant: { epoch: 1 } }] },
      { ...goals, goals: [{ ...goal, actions: { start: { kind: 'run', argv: [], env: {}, cwd: null } } }] },
      { ...goals, goals: [{ ...goal, lease: { ...LEASE, periodMs: 'long' } }] },
      { ...goals, generation: { number: 2, id: 'g2' } },
      { ...goals, generation: { number: 3, id: 'another' } },
    ];
    for (const text of wrong) {
      answer = text;
      await assert.rejects(ask(), (error: OneupError) => error.code === 'ONEUP_AGENT_UNANSWERED', JSON.stringify(text));
    }
    answer = { ...goals, generation: { number: 4, id: 'g4' } };
    assert.equal((await ask()).generation.number, 4);
    const restarted = world.link({ doors: [prober], token: SECRET, generation: { number: 4, id: 'other' } });
    await assert.rejects(restarted.goals({ after: -1, ...within(LONG_MS) }));
    // Known by its number alone, from a file of an earlier release.
    const old = world.link({ doors: [prober], token: SECRET, generation: { number: 4, id: '' } });
    assert.equal((await old.goals({ after: -1, ...within(LONG_MS) })).generation.id, 'g4');
  });

  test('the token is in no error, not even when the other side sends it back', async () => {
    await using world = await openDoorWorld(IDENTITY);
    await using echo = await openImpostor((request, response) => {
      const message = `I know ${request.headers.authorization}`;
      response.writeHead(401).end(JSON.stringify({ error: { code: 'ONEUP_AGENT_DENIED', message, remedy: message } }));
    });
    const link = world.link({ doors: [echo], token: SECRET });
    const error: OneupError = await link.goals({ after: -1, ...within(LONG_MS) }).then(
      () => assert.fail('it was let in'),
      (fault) => fault,
    );
    assert.equal(error.code, 'ONEUP_AGENT_DENIED');
    assert.match(error.message, /I know/);
    assert.ok(!`${error.stack} ${error.remedy} ${JSON.stringify(error)}`.includes('SSSS'));
  });

  test('one prober that denies does not keep another from answering; when all deny it is denied', async () => {
    await using world = await openDoorWorld(IDENTITY);
    await using denying = await openImpostor((_request, response) => {
      const error = { code: 'ONEUP_AGENT_DENIED', message: 'another cluster', remedy: 'none' };
      response.writeHead(403).end(JSON.stringify({ error }));
    });
    const link = world.link({ doors: [denying, await world.open()], token: (await world.token()).text });
    assert.equal((await link.renew(RENEWAL, within(LONG_MS))).kind, 'renewed');
    const alone = world.link({ doors: [denying], token: SECRET });
    await assert.rejects(
      alone.renew(RENEWAL, within(LONG_MS)),
      (error: OneupError) => error.code === 'ONEUP_AGENT_DENIED',
    );
  });

  test('connections are kept, and a call ends at once when the agent ends', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const door = await world.open();
    const ports = new Set<number | undefined>();
    await using counting = await openImpostor((request, response) => {
      ports.add(request.socket.remotePort);
      response.end('{"kind":"renewed","version":7,"peers":[]}');
    });
    const link = world.link({ doors: [counting], token: SECRET });
    for (let count = 0; count < 5; count += 1) await link.renew(RENEWAL, within(LONG_MS));
    assert.equal(ports.size, 1);
    const polled = world.link({ doors: [door], token: (await world.token()).text });
    const { revision } = await polled.goals({ after: -1, ...within(LONG_MS) });
    const polling = polled.goals({ after: revision, ...within(LONG_MS) });
    const began = performance.now();
    polled[Symbol.dispose]();
    await assert.rejects(polling, (error: OneupError) => error.code === 'ONEUP_AGENT_UNANSWERED');
    assert.ok(performance.now() - began < 5_000);
  });
});
