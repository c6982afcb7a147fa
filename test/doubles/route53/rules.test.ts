// The double of Route 53 behaves as the vendor documents, shown through the vendor's own SDK. Each test cites the page.
// DG = https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/, API = https://docs.aws.amazon.com/Route53/latest/APIReference/
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  GetHostedZoneCommand,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandInput,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { Route53Double } from './route53-double.ts';
import { ACCOUNT_RATE, OLD_ACCOUNT_RATE } from './token-bucket.ts';

const TTL = 60;

describe('the double of Route 53', () => {
  let double: Route53Double;
  let client: Route53Client;
  let zone: string;
  before(async () => {
    double = await Route53Double.start();
    client = connect(double);
  });
  beforeEach(() => {
    zone = double.zones.create('example.com.');
  });
  after(async () => {
    client.destroy();
    await double[Symbol.asyncDispose]();
  });

  const change = (...Changes: Change[]) =>
    client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: zone, ChangeBatch: { Changes } }));
  const list = (options: Partial<ListResourceRecordSetsCommandInput> = {}) =>
    client.send(new ListResourceRecordSetsCommand({ HostedZoneId: zone, ...options }));
  const listed = async () => ((await list()).ResourceRecordSets ?? []).slice(2);

  test('a batch is done as a whole or not at all (API_ChangeResourceRecordSets.html, transactional changes)', async () => {
    await change(create('b', 'A', '192.0.2.1'));
    await refused(
      change(create('a', 'A', '192.0.2.1'), create('b', 'A', '192.0.2.2')),
      "[Tried to create resource record set [name='b.example.com.', type='A'] but it already exists]",
    );
    assert.deepEqual(
      (await listed()).map(({ Name }) => Name),
      ['b.example.com.'],
    );
  });

  test('a CNAME is replaced by an alias in one batch (API_ChangeResourceRecordSets.html, transactional changes)', async () => {
    await change(create('www', 'CNAME', 'a.example.net'), create('target', 'A', '192.0.2.1'));
    const AliasTarget = { HostedZoneId: zone, DNSName: 'target.example.com', EvaluateTargetHealth: false };
    const alias: ResourceRecordSet = { Name: 'www.example.com', Type: 'A', AliasTarget };
    await change(remove('www', 'CNAME', 'a.example.net'), { Action: 'CREATE', ResourceRecordSet: alias });
    const www = (await listed()).find(({ Name }) => Name === 'www.example.com.');
    assert.deepEqual([www?.Type, www?.TTL, www?.ResourceRecords], ['A', undefined, undefined]);
    assert.equal(www?.AliasTarget?.DNSName, 'target.example.com.');
  });

  test('DELETE needs all values as they are (API_ChangeResourceRecordSets.html, deleting resource record sets)', async () => {
    await change(create('a', 'A', '192.0.2.1', '192.0.2.2'));
    const what = "[Tried to delete resource record set [name='a.example.com.', type='A'] but";
    const differs = `${what} the values provided do not match the current values]`;
    await refused(change(remove('a', 'A', '192.0.2.1')), differs);
    const ttl = remove('a', 'A', '192.0.2.1', '192.0.2.2');
    await refused(
      change({ ...ttl, ResourceRecordSet: { ...(ttl.ResourceRecordSet as ResourceRecordSet), TTL: 61 } }),
      differs,
    );
    await change(remove('a', 'A', '192.0.2.2', '192.0.2.1'));
    await refused(change(remove('a', 'A', '192.0.2.1')), `${what} it was not found]`);
  });

  test('UPSERT creates and replaces (API_ChangeResourceRecordSets.html, create, delete, and upsert)', async () => {
    for (const address of ['192.0.2.1', '192.0.2.2']) {
      await change({ ...create('a', 'A', address), Action: 'UPSERT' });
      assert.deepEqual((await listed())[0]?.ResourceRecords, [{ Value: address }]);
    }
  });

  test('a CNAME stands alone (DG ResourceRecordTypes.html, CNAME record type)', async () => {
    await change(create('a', 'A', '192.0.2.1'), create('c', 'CNAME', 'a.example.com'));
    await refused(
      change(create('a', 'CNAME', 'b.example.com')),
      '[RRSet of type CNAME with DNS name a.example.com. is not permitted as it conflicts with other records with the same DNS name in zone example.com.]',
    );
    await refused(
      change(create('c', 'A', '192.0.2.1')),
      '[RRSet of type A with DNS name c.example.com. is not permitted because a conflicting RRSet of type  CNAME with the same DNS name already exists in zone example.com.]',
    );
  });

  test('every fault of a batch has its message, in one of two forms (API_ChangeResourceRecordSets.html, errors)', async () => {
    const bad = () => change(create('a', 'A', 'x'), create('b', 'A', 'y'));
    await assert.rejects(
      bad(),
      ({ name, message }: Error) => name === 'InvalidChangeBatch' && /'x'.*, .*'y'/.test(message),
    );
    double.invalidBatchForm = 'modelled';
    try {
      // The SDK reads no code out of this form, only the messages.
      await assert.rejects(
        bad(),
        ({ Messages }: { Messages?: { Message?: string[] } }) => Messages?.Message?.length === 2,
      );
    } finally {
      double.invalidBatchForm = 'common';
    }
  });

  test('names are listed in lower case with octal escapes (DG DomainNameFormat.html)', async () => {
    await change(create('*', 'A', '192.0.2.1'), create('_oneup.A-b', 'TXT', '"x"'), create('a@b', 'A', '192.0.2.2'));
    const names = (await listed()).map(({ Name }) => Name);
    assert.deepEqual(names, ['\\052.example.com.', '_oneup.a-b.example.com.', 'a\\100b.example.com.']);
    await change(remove('\\052', 'A', '192.0.2.1'), remove('A\\100B', 'A', '192.0.2.2'));
  });

  test('a list goes by labels from the right, the dot included (API_ListResourceRecordSets.html, sort order)', async () => {
    const names = ['b', 'a-x', 'z.a', 'a', 'a.z'].map((label) => create(label, 'A', '192.0.2.1'));
    await change(...names, create('a', 'AAAA', '2001:db8::1'));
    assert.deepEqual(
      (await listed()).map(({ Name, Type }) => `${Name?.replace('.example.com.', '')} ${Type}`),
      ['a-x A', 'a A', 'a AAAA', 'z.a A', 'b A', 'a.z A'],
    );
  });

  test('a list is turned page by page, also within a group (API_ListResourceRecordSets.html, next page)', async () => {
    await change(...['one', 'two', 'three'].map((id, index) => weighted('w', id, `192.0.2.${index}`)));
    const seen: (string | undefined)[] = [];
    let start: Partial<ListResourceRecordSetsCommandInput> = { StartRecordName: 'w.example.com', StartRecordType: 'A' };
    for (let page = 0; page < 3; page += 1) {
      const answer = await list({ ...start, MaxItems: 1 });
      seen.push(answer.ResourceRecordSets?.[0]?.SetIdentifier);
      assert.deepEqual([answer.ResourceRecordSets?.length, answer.IsTruncated, answer.MaxItems], [1, page < 2, 1]);
      start = {
        StartRecordName: answer.NextRecordName,
        StartRecordType: answer.NextRecordType,
        StartRecordIdentifier: answer.NextRecordIdentifier,
      };
    }
    assert.deepEqual(seen, ['one', 'three', 'two']);
    assert.deepEqual((await list({ StartRecordName: 'x.example.com' })).ResourceRecordSets, []);
  });

  test('a group has one policy, one TTL when weighted, and one value each (API_ResourceRecordSet.html, Weight, TTL)', async () => {
    await change(weighted('w', 'one', '192.0.2.1'));
    await assert.rejects(change(create('w', 'A', '192.0.2.1')), /another routing policy/);
    const other = weighted('w', 'two', '192.0.2.2').ResourceRecordSet as ResourceRecordSet;
    await assert.rejects(change({ Action: 'CREATE', ResourceRecordSet: { ...other, TTL: 30 } }), /same TTL/);
    const records = [{ Value: '192.0.2.2' }, { Value: '192.0.2.3' }];
    await assert.rejects(
      change({ Action: 'CREATE', ResourceRecordSet: { ...other, ResourceRecords: records } }),
      /more than one/,
    );
    const { Weight: _, ...rest } = other;
    const multivalue = { ...rest, Name: 'm.example.com', MultiValueAnswer: true };
    await change({ Action: 'CREATE', ResourceRecordSet: multivalue });
  });

  test('a change is PENDING and later INSYNC (API_GetChange.html)', async () => {
    const { ChangeInfo } = await change(create('a', 'A', '192.0.2.1'));
    assert.equal(ChangeInfo?.Status, 'PENDING');
    assert.match(ChangeInfo?.Id ?? '', /^\/change\/C/);
    const read = async () => (await client.send(new GetChangeCommand({ Id: ChangeInfo?.Id }))).ChangeInfo?.Status;
    assert.deepEqual([await read(), await read()], ['PENDING', 'INSYNC']);
    await assert.rejects(client.send(new GetChangeCommand({ Id: 'CNONE' })), { name: 'NoSuchChange' });
  });

  test('a list shows a change that is PENDING (API_ListResourceRecordSets.html), unless told to be late', async () => {
    await change(create('a', 'A', '192.0.2.1'));
    assert.equal((await listed()).length, 1);
    double.zones.pace.staleLists = 1;
    await change(create('b', 'A', '192.0.2.1'));
    double.zones.pace.staleLists = 0;
    assert.equal((await listed()).length, 1);
    assert.equal((await listed()).length, 2);
  });

  test('zones are found by id and by name, with their servers (API_GetHostedZone.html, API_ListHostedZonesByName.html)', async () => {
    const { HostedZone, DelegationSet } = await client.send(new GetHostedZoneCommand({ Id: zone }));
    assert.deepEqual([HostedZone?.Id, HostedZone?.Name], [`/hostedzone/${zone}`, 'example.com.']);
    assert.equal(DelegationSet?.NameServers?.length, 4);
    const other = double.zones.create('example.net.');
    const found = await client.send(new ListHostedZonesByNameCommand({ DNSName: 'example.net', MaxItems: 1 }));
    assert.deepEqual(
      found.HostedZones?.map(({ Id }) => Id),
      [`/hostedzone/${other}`],
    );
    await assert.rejects(client.send(new GetHostedZoneCommand({ Id: 'ZNONE' })), { name: 'NoSuchHostedZone' });
  });

  test('a zone that is busy takes no second change (DG DNSLimitations.html, PriorRequestNotComplete)', async () => {
    double.zones.pace.busyMs = 60_000;
    await change(create('a', 'A', '192.0.2.1'));
    double.zones.pace.busyMs = 0;
    await assert.rejects(change(create('b', 'A', '192.0.2.1')), { name: 'PriorRequestNotComplete' });
  });

  test('an account that asks too often is throttled (DG throttling-api-requests.html)', async () => {
    const askTwelveTimes = async () => {
      const asked = Array.from({ length: 12 }, () => list());
      const settled = await Promise.allSettled(asked);
      return settled.map((one) => (one.status === 'fulfilled' ? 'fine' : one.reason.name)).toSorted();
    };
    // All of them at one instant, however long a busy machine takes to send them.
    double.throttle(OLD_ACCOUNT_RATE, () => 0);
    assert.deepEqual(await askTwelveTimes(), [...Array(7).fill('Throttling'), ...Array(5).fill('fine')]);
    double.throttle(ACCOUNT_RATE, () => 0);
    assert.deepEqual(await askTwelveTimes(), Array(12).fill('fine'));
    double.throttle(null);
  });
});

export function connect(double: Route53Double, key = double.addKey()): Route53Client {
  return new Route53Client({ endpoint: double.endpoint, region: 'us-east-1', credentials: key, maxAttempts: 1 });
}

function record(label: string, Type: ResourceRecordSet['Type'], values: readonly string[]): ResourceRecordSet {
  return { Name: `${label}.example.com`, Type, TTL, ResourceRecords: values.map((Value) => ({ Value })) };
}

function create(label: string, type: ResourceRecordSet['Type'], ...values: readonly string[]): Change {
  return { Action: 'CREATE', ResourceRecordSet: record(label, type, values) };
}

function remove(label: string, type: ResourceRecordSet['Type'], ...values: readonly string[]): Change {
  return { Action: 'DELETE', ResourceRecordSet: record(label, type, values) };
}

function weighted(label: string, SetIdentifier: string, address: string): Change {
  return { Action: 'CREATE', ResourceRecordSet: { ...record(label, 'A', [address]), SetIdentifier, Weight: 10 } };
}

function refused(sent: Promise<unknown>, message: string): Promise<void> {
  return assert.rejects(sent, { name: 'InvalidChangeBatch', message });
}
