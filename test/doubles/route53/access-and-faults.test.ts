// Who may do what at the double of Route 53, and what its faults do to a request, through the vendor's own SDK.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import {
  type ChangeBatch,
  ChangeResourceRecordSetsCommand,
  GetHostedZoneCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import type { AccessKey } from './access.ts';
import { FAILING, type Fault, THROTTLED, UNAVAILABLE } from './fault.ts';
import { Route53Double } from './route53-double.ts';

describe('the double of Route 53', () => {
  let double: Route53Double;
  let zone: string;
  before(async () => {
    double = await Route53Double.start();
    zone = double.zones.create('example.com.');
  });
  after(() => double[Symbol.asyncDispose]());

  const connect = (credentials: AccessKey) =>
    new Route53Client({ endpoint: double.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  const read = (key: AccessKey) => connect(key).send(new GetHostedZoneCommand({ Id: zone }));
  const write = (key: AccessKey, name: string, signal?: AbortSignal) => {
    const ResourceRecordSet: ResourceRecordSet = {
      Name: name,
      Type: 'A',
      TTL: 60,
      ResourceRecords: [{ Value: '192.0.2.1' }],
    };
    const ChangeBatch: ChangeBatch = { Changes: [{ Action: 'CREATE', ResourceRecordSet }] };
    const command = new ChangeResourceRecordSetsCommand({ HostedZoneId: zone, ChangeBatch });
    return connect(key).send(command, signal === undefined ? {} : { abortSignal: signal });
  };
  const has = (name: string) => [...double.zones.find(zone).sets.values()].some((set) => set.name === name);

  test('a wrong secret, an unknown key and an old token are refused each in its way (API CommonErrors.html)', async () => {
    const key = double.addKey();
    await assert.rejects(read({ ...key, secretAccessKey: 'wrong' }), { name: 'SignatureDoesNotMatch' });
    await assert.rejects(read({ ...key, accessKeyId: 'AKIANOBODY' }), { name: 'InvalidClientTokenId' });
    const old = double.addKey({ sessionToken: 'token', expiresAtMs: 1 });
    await assert.rejects(read(old), { name: 'ExpiredToken' });
    const { sessionToken: _, ...without } = old;
    await assert.rejects(read(without), { name: 'InvalidClientTokenId' });
  });

  test('a request from another hour is refused (API CommonErrors.html, RequestExpired)', async () => {
    double.skewMs = 3_600_000;
    await assert.rejects(read(double.addKey()), { name: 'RequestExpired' });
    double.skewMs = 0;
  });

  test('a policy holds for actions, zones, names, types and kinds of change (DG specifying-conditions-route53.html)', async () => {
    const policy = {
      actions: ['ChangeResourceRecordSets'],
      zones: [zone],
      recordNames: ['app.example.com'],
      recordTypes: ['A'],
    };
    const key = double.addKey({ policy });
    await assert.rejects(read(key), { name: 'AccessDenied' });
    await write(key, 'App.example.com.');
    await assert.rejects(
      write(key, 'other.example.com.'),
      /not authorized to perform: route53:ChangeResourceRecordSets/,
    );
    await assert.rejects(
      write(double.addKey({ policy: { ...policy, changeActions: ['DELETE'] } }), 'app.example.com'),
      {
        name: 'AccessDenied',
      },
    );
  });

  test('faults refuse, cut, hang, or cut after the work is done', async () => {
    const key = double.addKey();
    const meet = (fault: Fault) => {
      double.fault = ({ accessKeyId }) => (accessKeyId === key.accessKeyId ? fault : null);
    };
    meet(THROTTLED);
    await assert.rejects(write(key, 'f1.example.com.'), { name: 'Throttling' });
    meet(UNAVAILABLE);
    await assert.rejects(write(key, 'f1.example.com.'), { name: 'ServiceUnavailable' });
    meet(FAILING);
    await assert.rejects(write(key, 'f1.example.com.'), { name: 'InternalFailure' });
    meet({ kind: 'drop' });
    await assert.rejects(write(key, 'f1.example.com.'), { code: 'ECONNRESET' });
    meet({ kind: 'garbage' });
    await write(key, 'f1.example.com.').catch(() => {});
    meet({ kind: 'hang' });
    await assert.rejects(write(key, 'f1.example.com.', AbortSignal.timeout(2_000)), { name: 'AbortError' });
    assert.ok(!has('f1.example.com.'));
    meet({ kind: 'dropAfter' });
    await assert.rejects(write(key, 'f2.example.com.'), { code: 'ECONNRESET' });
    assert.ok(has('f2.example.com.'));
  });

  test('a request that is held takes effect when it is let go', async () => {
    const key = double.addKey();
    const held = Promise.withResolvers<void>();
    double.fault = () => ({ kind: 'late', until: held.promise });
    await assert.rejects(write(key, 'late.example.com.'), { code: 'ECONNRESET' });
    assert.ok(!has('late.example.com.'));
    held.resolve();
    await turn();
    assert.ok(has('late.example.com.'));
    assert.equal(double.seen.at(-1)?.status, 200);
  });
});
