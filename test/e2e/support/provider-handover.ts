// A record at a provider that is tried, put right after somebody else changed it, handed back to its owner and taken over again, by the
// commands that a person types (S11, S26, S27).
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Connected } from '../../../src/cli/connect/check-connect.ts';
import type { RecordReport } from '../../../src/controller/read-record.ts';
import { RECORD, SERVICE } from './cluster-files.ts';
import { expectExit, jsonOf } from './expect-exit.ts';
import { reloadUntilAnswered } from './reload-until-answered.ts';
import { openStory, type StoryKind } from './story-place.ts';
import { waitUntil } from './wait-until.ts';

/** Stays, so that the cluster has something to do. */
const OTHER = `  db:
    record: { name: db.ha.example.net. }
    exclusive: false
    nodes: [{ id: a, address: 127.0.0.201 }, { id: b, address: 127.0.0.202 }]
    check: { tcp: "{address}:9", interval: 900ms, timeout: 300ms }
`;

/** No node of anybody's. */
const FOREIGN = '198.51.100.99';

export function describeHandover(kind: StoryKind): void {
  test(`a record at ${kind} is tried, put right, handed back and taken over again`, async (t) => {
    await using place = await openStory(kind);
    const { cluster } = place;
    const provider = kind === 'Route 53' || kind === 'Cloudflare' ? 'far' : 'primary';
    const address = cluster.network.nodes.a;

    await t.test('check-config --connect reads and writes the ownership TXT as it is', async () => {
      const { changes: _, ...before } = await place.held();
      const { stdout } = await cluster.oneup('check-config', '--connect', '--json');
      const { connected } = JSON.parse(stdout) as { connected: Connected };
      const found = connected.vantages.flatMap(({ findings }) => findings.filter(({ area }) => area === 'provider'));
      assert.ok(found.length > 0, stdout);
      for (const { subject, says } of found) {
        assert.equal(subject, `${provider}, ${RECORD}`);
        assert.match(says, /ownership TXT written as it is|somebody wrote at the same moment/);
      }
      assert.partialDeepStrictEqual(await place.held(), before);
    });

    await t.test('plan shows what the provider holds', async () => {
      assert.match(
        await expectExit(cluster, 0, 'plan', SERVICE),
        new RegExp(`At provider ${provider}, ${RECORD} holds A ${address}`),
      );
    });

    await t.test('zone repair shows what somebody else changed, and writes it again as it was', async () => {
      await place.edit(FOREIGN);
      const begun = await place.held();
      const shown = await expectExit(cluster, 0, 'zone', 'repair', SERVICE, '--dry-run');
      assert.match(shown, new RegExp(`- A ${FOREIGN}[^]*\\+ A ${address}`));
      assert.deepEqual(await place.held(), begun, 'showing writes nothing');
      await expectExit(cluster, 0, 'zone', 'repair', SERVICE, '--reason', 'a typo in the console');
      const now = await place.held();
      assert.deepEqual([now.address, now.seq > begun.seq], [address, true]);
      assert.match(await expectExit(cluster, 0, 'zone', 'repair', SERVICE, '--dry-run'), /is as oneup wrote it/);
      const [last] = await cluster.history();
      assert.deepEqual([last?.op.kind, last?.op.reason, last?.outcome], ['mend', 'a typo in the console', 'done']);
      assert.ok((last?.op.actor ?? '') !== '');
    });

    await t.test('repairDrift has it written again without anybody', async () => {
      cluster.editConfig(
        [`name: ${RECORD},`, `name: ${RECORD}, repairDrift: true,`],
        ['servers: [', `drift: "*/2 * * * * *"${provider === 'far' ? ',' : ''}\n    servers: [`],
      );
      assert.equal((await reloadUntilAnswered(cluster)).code, 0);
      await place.edit(FOREIGN);
      await waitUntil('the record to be mended', async () => (await place.held()).address === address);
    });

    const file = cluster.path('oneup.yaml');
    const whole = readFileSync(file, 'utf8');
    await t.test('forget takes the TXT away and leaves the record', async () => {
      writeFileSync(file, `${whole.slice(0, whole.indexOf(`  ${SERVICE}:\n`))}${OTHER}`);
      assert.equal((await reloadUntilAnswered(cluster, '--release', SERVICE)).code, 0);
      await waitUntil(
        'the service to be gone',
        async () => (await cluster.status()).cluster?.services[0]?.service === 'db',
      );
      assert.match(await expectExit(cluster, 0, 'forget', SERVICE), /stays at provider (primary|far) as it is/);
      assert.deepEqual(await place.types(), ['A']);
    });

    await t.test('adopt --record shows it, and takes it over with the word that it gave', async () => {
      writeFileSync(file, whole.replace('services:\n', `services:\n${OTHER}`));
      assert.equal((await reloadUntilAnswered(cluster)).code, 0);
      await waitUntil('the service to be back', async () => (await cluster.service()).service === SERVICE);
      const report = await jsonOf<RecordReport>(cluster, 'adopt', SERVICE, '--record');
      assert.ok(report.shown !== null, JSON.stringify(report));
      assert.match(await expectExit(cluster, 0, 'adopt', SERVICE, '--record'), new RegExp(`--record ${report.shown}`));
      assert.deepEqual(await place.types(), ['A'], 'showing writes nothing');
      await expectExit(cluster, 0, 'adopt', SERVICE, '--record', report.shown, '--node', 'a');
      await waitUntil('the TXT to be written', async () => (await place.types()).includes('TXT'));
      assert.deepEqual(await place.types(), ['A', 'TXT']);
      await cluster.settled('a');
    });
  });
}
