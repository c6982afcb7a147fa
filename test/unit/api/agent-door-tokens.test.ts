// Who is let in at the listener for agents, on real sockets: tokens, certificates, clusters and generations.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OneupError } from '../../../src/base/oneup-error.ts';
import type { AgentReport, Renewal } from '../../../src/ports/agent-link.ts';
import { createIdentity, GENERATION, LEASE, openDoorWorld } from '../../support/agent-door-world.ts';
import { askDoor } from '../../support/ask-door.ts';
import { mustGet, put, remove } from '../../support/store-calls.ts';

const IDENTITY = createIdentity();
const LONG = { signal: AbortSignal.timeout(60_000) };
const RENEWAL: Renewal = {
  ...{ ...LEASE, service: 'web', node: 'a', epoch: 4 },
  ...{ agentRun: 'r1', bootId: 'boot1', sentBootMs: 1_000, armed: true, enforced: 'keeper', asked: [], seen: null },
};
const REPORT: AgentReport = {
  ...{ service: 'web', node: 'a', agentRun: 'r1', generation: 3, epoch: 4, step: 7, role: 'active', running: true },
  ...{ lastResult: null, exited: null, enforced: 'keeper' },
};
const GOALS = JSON.stringify({ cluster: 'test', generation: null, after: -1 });

function code(expected: string, text: RegExp = /./) {
  return (error: OneupError) => {
    assert.equal(error.code, expected, error.message);
    assert.match(error.message, text);
    return true;
  };
}

describe('who is let in', { concurrency: true }, () => {
  test('no token, a wrong one, one of another shape, an expired and a damaged one: each with its reason', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const { endpoint } = await world.open();
    const { ca } = world.authority;
    const right = await world.token();
    const wrong = `${right.text.slice(0, -4)}AAAA`;
    const expired = await world.token('n1', { expiresWallMs: 1 });
    const cases = [
      [{}, 401, /token is missing/],
      [{ token: 'hello' }, 401, /no token/],
      [{ header: `Basic ${right.text}` }, 401, /no token/],
      [{ token: wrong }, 401, /not known here, or was revoked/],
      [{ token: `oneup_000000000000_${'A'.repeat(43)}` }, 401, /not known here, or was revoked/],
      [{ token: expired.text }, 401, /has expired/],
    ] as const;
    for (const [ask, status, reason] of cases) {
      const reply = await askDoor(endpoint, { ca, body: GOALS, ...ask });
      assert.equal(reply.status, status);
      assert.equal(reply.body.error?.code, 'ONEUP_AGENT_DENIED');
      assert.match(reply.body.error?.message ?? '', reason);
      assert.match(reply.body.error?.remedy ?? '', /oneup token create/);
    }
    assert.equal((await askDoor(endpoint, { ca, body: GOALS, token: right.text })).status, 200);
    const king = await world.token('n1', { role: 'king' as 'agent' });
    const damaged = await askDoor(endpoint, { ca, body: GOALS, token: king.text });
    assert.equal(damaged.body.error?.code, 'ONEUP_STORE_CORRUPT');
  });

  test('a revoked token is refused within 5 s, also in the middle of a long poll', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const door = await world.open();
    const { id, text } = await world.token();
    const link = world.link({ doors: [door], token: text });
    // A prober without a long poll knows the token from the look before.
    const other = world.link({ doors: [await world.open()], token: text });
    await other.renew(RENEWAL, LONG);
    const { revision } = await link.goals({ after: -1, ...LONG });
    const polling = link.goals({ after: revision, ...LONG });
    const denied = assert.rejects(polling, code('ONEUP_AGENT_DENIED', /revoked/));
    await sleep(100);
    await remove(world.store, world.keys.token(id));
    const untilMs = performance.now() + 5_000;
    await denied;
    for (const each of [link, other]) {
      for (;;) {
        const askedMs = performance.now();
        const refused = await each.renew(RENEWAL, LONG).then(
          () => false,
          (error: OneupError) => error.code === 'ONEUP_AGENT_DENIED',
        );
        if (refused) break;
        assert.ok(askedMs < untilMs, 'it was let in for longer than 5 s');
        await sleep(100);
      }
    }
  });

  test('many wrong tokens of one address are refused unread, and the right one is still let in', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const { endpoint } = await world.open();
    const { ca } = world.authority;
    const { text } = await world.token();
    assert.equal((await askDoor(endpoint, { ca, body: GOALS, token: text })).status, 200);
    const statuses: number[] = [];
    for (let tries = 0; tries < 25; tries += 1)
      statuses.push(
        (await askDoor(endpoint, { ca, body: GOALS, token: `oneup_000000000000_${'B'.repeat(43)}` })).status,
      );
    assert.equal(statuses[0], 401);
    assert.equal(statuses.at(-1), 429);
    assert.equal((await askDoor(endpoint, { ca, body: GOALS, token: text })).status, 200);
  });

  test('another CA, another cluster, another generation', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const door = await world.open();
    const { text } = await world.token();
    const other = world.link({ doors: [door], token: text, ca: world.authority.certify(['IP:127.0.0.1']).cert });
    await assert.rejects(other.goals({ after: -1, ...LONG }), code('ONEUP_AGENT_UNANSWERED', /certificate/));
    const elsewhere = world.link({ doors: [door], token: text, cluster: 'prod' });
    await assert.rejects(
      elsewhere.goals({ after: -1, ...LONG }),
      code('ONEUP_AGENT_DENIED', /cluster test, value was prod/),
    );
    await assert.rejects(elsewhere.renew(RENEWAL, LONG), code('ONEUP_AGENT_DENIED', /cluster/));
    await assert.rejects(elsewhere.report(REPORT, LONG), code('ONEUP_AGENT_DENIED', /cluster/));
    const link = world.link({ doors: [door], token: text });
    await link.goals({ after: -1, ...LONG });
    await put(
      world.store,
      world.keys.meta,
      JSON.stringify({ cluster: 'test', generation: { number: 4, id: 'g4' }, schema: 1 }),
    );
    await assert.rejects(link.renew(RENEWAL, LONG), code('ONEUP_AGENT_DENIED', /generation 3, this cluster in 4/));
    assert.equal((await link.goals({ after: -1, ...LONG })).generation.number, 4, 'a later one is taken over');
    assert.equal((await link.renew(RENEWAL, LONG)).kind, 'renewed');
    await put(world.store, world.keys.meta, JSON.stringify({ cluster: 'test', generation: GENERATION, schema: 1 }));
    await assert.rejects(link.goals({ after: -1, ...LONG }), code('ONEUP_AGENT_DENIED', /has seen generation 4/));
    assert.equal((await mustGet(world.store, world.keys.agentAhead('n1'))).value, '4', 'it is noted for oneup recover');
    const spent = world.link({ doors: [door], token: text, generation: { number: 2 ** 40, id: 'x' } });
    await assert.rejects(spent.goals({ after: -1, ...LONG }), code('ONEUP_AGENT_DENIED', /run|seen generation/));
    assert.equal((await mustGet(world.store, world.keys.agentAhead('n1'))).value, '4', 'no agent spends the numbers');
    const rival = world.link({ doors: [door], token: text, generation: { ...GENERATION, id: 'another' } });
    await assert.rejects(rival.goals({ after: -1, ...LONG }), code('ONEUP_AGENT_DENIED', /another store of the same/));
    const later = { ...REPORT, generation: 9 };
    const fresh = world.link({ doors: [door], token: text });
    await assert.rejects(fresh.report(later, LONG), code('ONEUP_AGENT_DENIED', /generation 9/));
  });

  test('a token speaks for its own node only', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const door = await world.open();
    const link = world.link({ doors: [door], token: (await world.token('n2')).text });
    await assert.rejects(link.renew(RENEWAL, LONG), code('ONEUP_AGENT_DENIED', /n2 does not speak for web\/a/));
    await assert.rejects(link.report(REPORT, LONG), code('ONEUP_AGENT_DENIED', /web\/a/));
    const { goals } = await link.goals({ after: -1, ...LONG });
    assert.deepEqual(
      goals.map(({ node, grant }) => ({ node, grant })),
      [{ node: 'b', grant: null }],
    );
    assert.equal(await world.store.get(world.keys.lease('web', 'a')), null);
    const nobody = world.link({ doors: [door], token: (await world.token('stranger')).text });
    assert.deepEqual((await nobody.goals({ after: -1, ...LONG })).goals, []);
  });
});
