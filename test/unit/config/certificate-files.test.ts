// Files that a configuration names: certificates may be read by everybody, and nothing else may (a key, or a certificate with one).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ok } from '../../../src/base/result.ts';
import { resolveReferences } from '../../../src/config/references.ts';

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
const KEY = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';

function reasonsFor(text: string, mode: number): readonly string[] {
  const readFile = () => ok({ text, mode });
  const { findings } = resolveReferences({ ca: '${' + 'file:/ca.pem}' }, { env: {}, readFile, baseDir: '/' });
  return findings.map(({ reason }) => reason);
}

test('certificates that everybody can read are accepted, several in one file too', () => {
  assert.deepEqual(reasonsFor(CERTIFICATE, 0o644), []);
  assert.deepEqual(reasonsFor(CERTIFICATE + CERTIFICATE, 0o644), []);
});

test('a key, a certificate with its key, and any other text must be closed', () => {
  for (const text of [KEY, CERTIFICATE + KEY, 'password', '']) {
    assert.match(reasonsFor(text, 0o644).join(), /open to other users, its mode is 0644/);
  }
  assert.deepEqual(reasonsFor(CERTIFICATE + KEY, 0o600), []);
});
