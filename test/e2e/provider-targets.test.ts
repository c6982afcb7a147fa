// Nodes that are published by name: a CNAME at a real BIND, and an alias at the double of Route 53. The active dies, and the name leads
// to the target of the other node, beside one ownership TXT (S26, S27).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRoute53Provider } from '../../providers/route53/index.ts';
import { Secret } from '../../src/base/secret.ts';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import type { Rrset } from '../../src/dns/rrset.ts';
import { answersOf } from '../../src/dns/rrset-equality.ts';
import { managedNames } from '../../src/plan/ownership.ts';
import type { DnsProvider } from '../../src/ports/dns-provider.ts';
import { updateClient, waitForZones } from '../support/provider-world-rfc2136.ts';
import { startBind } from '../support/servers/bind-server.ts';
import { UPDATE_KEY } from '../support/servers/update-zones.ts';
import { Cluster } from './support/cluster.ts';
import { NODES, type NodeName, PROBERS, RECORD } from './support/cluster-files.ts';
import { startRoute53Place } from './support/route53-place.ts';
import { waitUntil } from './support/wait-until.ts';

const ZONE = 'example.com.';
/** Far more than anything on loopback takes. */
const LIST_MAX_MS = 20_000;

type Place = AsyncDisposable & {
  /** An entry of `providers`. */
  readonly written: string;
  readonly env: Readonly<Record<string, string>>;
  readonly client: DnsProvider;
  /** What a node has in place of an address. */
  readonly target: (node: NodeName) => string;
  /** What the name then holds. */
  readonly holds: (node: NodeName) => RegExp;
};

async function atBind(): Promise<Place> {
  const server = await startBind();
  const client = updateClient(server.port);
  await waitForZones(client);
  const { name, algorithm, secret } = UPDATE_KEY;
  const at = `127.0.0.1:${server.port}`;
  return {
    client,
    written: `{ kind: rfc2136, zones: [${ZONE}], server: "${at}", tsig: { name: ${name}, algorithm: ${algorithm}, secret: "\${env:TSIG_SECRET}" }, servers: ["${at}"], timeout: 5s }`,
    env: { TSIG_SECRET: secret },
    target: (node) => `target: ${node}.nodes.example.net`,
    holds: (node) => new RegExp(`^CNAME ${node}\\.nodes\\.example\\.net\\.$`),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function atRoute53(): Promise<Place> {
  const place = await startRoute53Place();
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = place.env;
  const [, hostedZoneId = ''] = /hostedZoneId: (\w+)/.exec(place.written) ?? [];
  const [, endpoint = ''] = /endpoint: "([^"]+)"/.exec(place.written) ?? [];
  const [accessKeyId, secretAccessKey] = [new Secret(AWS_ACCESS_KEY_ID), new Secret(AWS_SECRET_ACCESS_KEY)];
  return {
    ...{ written: place.written, env: place.env },
    client: createRoute53Provider({
      ...{ name: 'aws', clock: createSystemClock(), zones: { [ZONE]: hostedZoneId }, endpoint },
      credentials: { kind: 'keys', accessKeyId, secretAccessKey, sessionToken: null },
      ...{ assumeRole: null, region: null, timeoutMs: LIST_MAX_MS },
    }),
    target: (node) => `alias: { hostedZoneId: Z2FDTNDATAQYW2, dnsName: ${node}.cloudfront.net }`,
    holds: (node) => new RegExp(`^A .*\\b${node}\\.cloudfront\\.net`),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

describe('a failover between names', () => {
  for (const [title, open] of [
    ['a CNAME at BIND', atBind],
    ['an alias at Route 53', atRoute53],
  ] as const) {
    test(title, async () => {
      await using place = await open();
      await using cluster = await Cluster.create({
        env: place.env,
        changes: [
          ['name: ha.example.com.', 'name: ha.example.net.'],
          ['services:\n', `providers:\n  far: ${place.written}\nservices:\n`],
          [`name: ${RECORD},`, `name: ${RECORD}, provider: far,`],
          ['dns:\n', 'dns:\n  patience: 2s\n'],
          ['http://{address}:', 'http://{node.local}:'],
        ],
        fill: (text, { nodes }) =>
          NODES.reduce(
            (filled, id) => filled.replace(`address: ${nodes[id]}`, `${place.target(id)}, local: ${nodes[id]}`),
            text,
          ),
      });
      for (const prober of PROBERS) cluster.start(prober);
      await cluster.ready();
      await cluster.accepted({ kind: 'switchover', from: null, to: 'a', reason: 'first start' });
      await waitUntil('the name to lead to a', () => leadsTo(place, 'a'));
      await waitUntil('nothing to go on', async () => {
        const { operation, active } = await cluster.service();
        return operation === null && active === 'a';
      });
      cluster.killInstance('a');
      await waitUntil('b to be active', async () => (await cluster.service()).active === 'b');
      await waitUntil('the name to lead to b', () => leadsTo(place, 'b'));
    });
  }
});

/** One answer and one ownership TXT, or the wait goes on. */
async function leadsTo({ client, holds }: Place, node: NodeName): Promise<boolean> {
  const options = { names: managedNames(RECORD), signal: AbortSignal.timeout(LIST_MAX_MS) };
  const held = await client.list(ZONE, options);
  const answers = held.filter(({ type }) => type !== 'TXT');
  assert.ok(held.length - answers.length <= 1 && answers.length <= 1, JSON.stringify(held));
  const [answer] = answers;
  return held.length === 2 && answer !== undefined && holds(node).test(text(answer));
}

function text(rrset: Rrset): string {
  return `${rrset.type} ${answersOf(rrset).join(' ')}`;
}
