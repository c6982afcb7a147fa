// How `status` shows the store to people: what is wrong catches the eye, and an answer without members is shown as before.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ShownMember } from '../../../src/cli/open-members.ts';
import { renderMembers, renderStore } from '../../../src/cli/render-store.ts';

const QUIET = { version: null, bytes: null, reason: null, isInUse: false };

test('a table of the members: state, version, size, and what is to be said of each', () => {
  const members: readonly ShownMember[] = [
    { name: '192.0.2.10:2379', state: 'leads', version: '3.5.16', bytes: 12_582_912, reason: null, isInUse: true },
    {
      ...QUIET,
      name: '198.51.100.10:2379',
      state: 'follows',
      version: '3.5.16',
      bytes: 1_500,
      reason: 'alarm:NOSPACE',
    },
    { ...QUIET, name: '203.0.113.10:2379', state: 'silent', reason: 'connection refused' },
    { ...QUIET, name: 'm4', state: 'unasked', reason: 'not among the endpoints' },
    { ...QUIET, name: 'db:3306', state: 'refuses', reason: 'Access denied' },
    { ...QUIET, name: 'db2:3306', state: 'readOnly', version: '8.0', bytes: 0 },
  ];
  assert.deepEqual(renderMembers({ kind: 'reachable', members }).join('\n').split('\n'), [
    'Store members',
    '  192.0.2.10:2379     leads       3.5.16  12 MiB   in use',
    '  198.51.100.10:2379  follows     3.5.16  1.5 KiB  alarm:NOSPACE',
    '  203.0.113.10:2379   SILENT                       connection refused',
    '  m4                  not asked                    not among the endpoints',
    '  db:3306             REFUSES                      Access denied',
    '  db2:3306            reads only  8.0     0 B',
  ]);
});

test('one line for the store itself, and no table when nobody was asked', () => {
  assert.equal(
    renderStore({ kind: 'reachable', engine: 'etcd', generation: 1 }),
    'Store reachable (etcd, generation 1)',
  );
  const lost = { kind: 'lost', code: 'ONEUP_STORE_UNREACHABLE', reason: 'no answer' };
  assert.equal(renderStore(lost), 'Store LOST (ONEUP_STORE_UNREACHABLE: no answer)');
  assert.deepEqual(renderMembers(lost), []);
  assert.deepEqual(renderMembers({ ...lost, members: [] }), []);
});
