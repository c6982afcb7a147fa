// Every connection to the store waits for what the peers have seen (S4), so one peer must not hold it up: neither one that stops
// answering, nor one that answers too slowly for all that there is to ask.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { test } from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import { decode, encode } from 'dns-packet';
import { ownersAtPeers } from '../../../src/cli/peers-ahead.ts';
import type { Config, ProberConfig, ServiceConfig } from '../../../src/config/config.ts';
import { formatOwnership } from '../../../src/plan/ownership.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { testConfig } from '../../support/prober-world.ts';

const AUTHORITATIVE = 0x0400;
const SERVICES = 100;
const ZONE_DATA = { mname: 'ns.x', rname: 'h.x', serial: 7, refresh: 1, retry: 1, expire: 1, minimum: 1 };

test('of a peer that answers, the newest write of every service is known', async () => {
  await using peer = await openPeer(async () => true);
  assert.equal((await peer.owners(createFakeClock())).length, SERVICES);
});

test('a peer is given up at its first question without an answer, and what it said before counts', async () => {
  const clock = createFakeClock();
  await using peer = await openPeer(async (asked) => {
    if (asked <= 5) return true;
    await clock.advance(800);
    return false;
  });
  const owners = await peer.owners(clock);
  assert.equal(owners.length, 5);
  assert.ok(peer.asked() < 40, `${peer.asked()} questions for ${SERVICES} services`);
});

test('a peer that is too slow for all that there is to ask costs two seconds, not more', async () => {
  const clock = createFakeClock();
  await using peer = await openPeer(async () => {
    await clock.advance(100);
    return true;
  });
  const owners = await peer.owners(clock);
  assert.ok(owners.length > 0 && owners.length < SERVICES, `${owners.length} of ${SERVICES}`);
  assert.ok(clock.monotonicMs() < 10_000);
});

/** The name server of a peer, of which `answers` says for each question, the how manyeth, whether it is answered. */
async function openPeer(answers: (asked: number) => Promise<boolean>) {
  const server = createSocket('udp4');
  let asked = 0;
  let isOpen = true;
  let turn: Promise<unknown> = Promise.resolve();
  server.on('message', (message, from) => {
    const { id, questions } = decode(message);
    const [question] = questions;
    if (question === undefined) return;
    const { name, type } = question;
    const reply = (data: unknown) =>
      server.send(
        encode({ type: 'response', id, flags: AUTHORITATIVE, questions, answers: [{ name, type, ttl: 1, data }] }),
        from.port,
        from.address,
      );
    if (type === 'SOA') {
      reply(ZONE_DATA);
      return;
    }
    asked += 1;
    const number = asked;
    // One after the other, as the answers of a slow server come.
    turn = turn.then(async () => {
      await settle();
      if ((await answers(number)) && isOpen) reply(formatOwnership(ownerOf(name)).slice(1, -1));
    });
  });
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  const config = manyServices(server.address().port);
  const [self] = config.cluster.probers;
  assert.ok(self !== undefined);
  return {
    asked: () => asked,
    owners: (clock: FakeClock) => ownersAtPeers(config, self, { clock, signal: new AbortController().signal }),
    [Symbol.asyncDispose]: () => {
      isOpen = false;
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function ownerOf(name: string) {
  const [, service = ''] = name.split('.');
  return { cluster: 'test', service, generation: 1, epoch: 1, seq: 1 };
}

/** Three probers, of which only the second listens, and a hundred services in its zone. */
function manyServices(port: number): Config {
  const config = testConfig();
  const [service] = config.services;
  assert.ok(service !== undefined);
  const probers = config.cluster.probers.map(
    (prober): ProberConfig => ({ ...prober, listen: prober.id === 'p2' ? [{ host: '127.0.0.1', port }] : [] }),
  );
  const services = Array.from({ length: SERVICES }, (_, index): ServiceConfig => {
    const id = `s${index}`;
    return { ...service, id, record: { ...service.record, name: `${id}.ha.example.com.` } };
  });
  return { ...config, cluster: { ...config.cluster, probers }, services };
}
