// Whom a shot at a machine would hit besides (S36): services that are active, granted, about to start or answering there.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ServiceConfig } from '../../../src/config/config.ts';
import { ActiveHosts, servedAddresses } from '../../../src/controller/active-hosts.ts';
import { activeState } from '../failover/machine-fixture.ts';

function config(id: string, addresses: Readonly<Record<string, string>>): ServiceConfig {
  return { id, nodes: Object.entries(addresses).map(([node, address]) => ({ id: node, address })) } as never;
}

const WEB = config('web', { a: '192.0.2.1', b: '192.0.2.2' });
const DB = config('db', { x: '192.0.2.2', y: '192.0.2.3' });
const STATE = activeState({ grant: null, service: { active: null } });

describe('the hosts of services', () => {
  test('tell for each node which others are on its machine, and forget who has left', () => {
    const hosts = new ActiveHosts();
    hosts.noteServed('web', ['192.0.2.1']);
    assert.deepEqual(hosts.othersAt(WEB), {}, 'a service is no other of itself');
    hosts.noteServed('db', ['192.0.2.2']);
    hosts.noteServed('cache', ['192.0.2.2', '192.0.2.3']);
    assert.deepEqual(hosts.othersAt(WEB), { b: ['cache', 'db'] });
    hosts.noteServed('db', ['192.0.2.3']);
    hosts.noteServed('cache', []);
    assert.deepEqual(hosts.othersAt(WEB), {});
    assert.deepEqual(hosts.othersAt(DB), {});
  });

  const op = { to: 'x' } as never;
  const member = { verified: null, owesResync: false, problem: null, stage: 1, drained: null };
  const cases = [
    ['nobody has it', STATE, []],
    ['active', { ...STATE, service: { ...STATE.service, active: 'x' } }, ['192.0.2.2']],
    ['granted', { ...STATE, grant: { node: 'y', epoch: 2, revoked: true } }, ['192.0.2.3']],
    ['about to be started', { ...STATE, op }, ['192.0.2.2']],
    [
      'answering with others',
      {
        ...STATE,
        service: { ...STATE.service, members: { x: { ...member, isIn: true }, y: { ...member, isIn: false } } },
      },
      ['192.0.2.2'],
    ],
  ] as const;
  for (const [name, state, expected] of cases)
    test(`hold a service: ${name}`, () => assert.deepEqual(servedAddresses(DB, state), expected));
});
