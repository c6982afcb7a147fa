// The vendor's own SDK against the double: it reads every answer, and sends what the double takes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BaseRecords } from 'cloudflare/resources/dns/records';
import { BaseZones } from 'cloudflare/resources/zones/zones';
import { createClient } from 'cloudflare/tree-shakable';
import { type CloudflareDouble, startCloudflareDouble } from './start-cloudflare-double.ts';

const zone_id = 'a'.repeat(32);
const TOKEN = 't'.repeat(40);

let double: CloudflareDouble;
before(async () => {
  double = await startCloudflareDouble({ zones: [{ id: zone_id, name: 'example.com' }] });
  double.grant(TOKEN);
});
after(async () => double[Symbol.asyncDispose]());

test('the SDK creates, edits, overwrites, lists, batches and deletes', async () => {
  const { dns, zones } = createClient({
    resources: [BaseRecords, BaseZones],
    apiToken: TOKEN,
    baseURL: double.baseUrl,
    maxRetries: 0,
  });
  assert.equal((await zones.get({ zone_id })).name, 'example.com');
  const record = { name: 'app.example.com', type: 'A', ttl: 120 } as const;
  const created = await dns.records.create({ zone_id, ...record, content: '192.0.2.1' });
  const edited = await dns.records.edit(created.id, { zone_id, ...record, content: '192.0.2.2' });
  const written = await dns.records.update(created.id, { zone_id, ...record, content: '192.0.2.3' });
  assert.deepEqual([edited.content, written.content], ['192.0.2.2', '192.0.2.3']);
  assert.equal((await dns.records.get(created.id, { zone_id })).content, '192.0.2.3');
  const batch = await dns.records.batch({
    zone_id,
    deletes: [{ id: created.id }],
    posts: [4, 5, 6].map((last) => ({ ...record, content: `192.0.2.${last}` })),
  });
  assert.deepEqual([batch.deletes?.length, batch.posts?.length], [1, 3]);
  const contents: (string | undefined)[] = [];
  for await (const { content } of dns.records.list({ zone_id, name: { endswith: 'app.example.com' }, per_page: 2 }))
    contents.push(content);
  assert.deepEqual(contents, ['192.0.2.4', '192.0.2.5', '192.0.2.6']);
  const [first] = double.zone(zone_id).records;
  await dns.records.delete(first?.id ?? '', { zone_id });
  assert.equal(double.zone(zone_id).records.length, 2);
});
