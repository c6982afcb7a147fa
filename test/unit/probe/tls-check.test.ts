// TLS checks against real handshakes: verification, names, and certificates that end soon.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createServer } from 'node:tls';
import type { TlsTarget } from '../../../src/config/check-target.ts';
import { daysToExpiry } from '../../../src/probe/tls-check.ts';
import { listening, look } from '../../support/look.ts';
import { createAuthority } from '../../support/servers/certificates.ts';

const authority = createAuthority();
/** The authority signs for two days. */
const certified = authority.certify(['IP:127.0.0.1', 'DNS:www.example.com']);

function target(port: number, change: Partial<TlsTarget> = {}): TlsTarget {
  const tls = { ca: authority.ca, serverName: null, verify: true };
  return { kind: 'tls', host: '127.0.0.1', port, tls, minDaysToExpiry: null, proxy: null, ...change };
}

describe('tlsCheck', () => {
  test('passes with a good certificate, with the time of each phase and the days that are left', async () => {
    await using server = await listening(createServer({ ...certified }));
    const result = await look(target(server.port, { minDaysToExpiry: 1 }));
    assert.ok(result.kind === 'pass', JSON.stringify(result));
    assert.deepEqual(Object.keys(result.phases), ['resolve', 'connect', 'tls']);
    assert.match(result.detail, /TLSv1\.3, 1 days to expiry/);
  });

  test('fails when the certificate ends too soon', async () => {
    await using server = await listening(createServer({ ...certified }));
    const result = await look(target(server.port, { minDaysToExpiry: 7 }));
    assert.ok(result.kind === 'fail');
    assert.deepEqual([result.phase, result.reach], ['tls', 'reached']);
    assert.match(result.reason, /expires in 1 days, expected at least 7/);
  });

  test('names and authorities are checked, unless told not to', async () => {
    await using server = await listening(createServer({ ...certified }));
    const tls = { ca: authority.ca, serverName: 'www.example.com', verify: true };
    assert.equal((await look(target(server.port, { tls }))).kind, 'pass');
    const other = await look(target(server.port, { tls: { ...tls, serverName: 'other.example.com' } }));
    assert.ok(other.kind === 'fail');
    assert.match(other.reason, /certificate is for another name/);
    const unknown = await look(target(server.port, { tls: { ...tls, ca: null } }));
    assert.ok(unknown.kind === 'fail' && unknown.phase === 'tls');
    const blind = { ca: null, serverName: 'other.example.com', verify: false };
    assert.equal((await look(target(server.port, { tls: blind, minDaysToExpiry: 1 }))).kind, 'pass');
  });
});

test('daysToExpiry counts whole days, past ones below zero, and nothing of what is no date', () => {
  const now = Date.parse('2030-01-10T12:00:00Z');
  assert.equal(daysToExpiry('Jan 12 13:00:00 2030 GMT', now), 2);
  assert.equal(daysToExpiry('Jan 12 11:00:00 2030 GMT', now), 1);
  assert.equal(daysToExpiry('Jan  9 11:00:00 2030 GMT', now), -2);
  assert.equal(daysToExpiry(undefined, now), null);
  assert.equal(daysToExpiry('soon', now), null);
});
