// The listener of the API: which prober listens where, and a certificate that must fit its key.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { err, ok } from '../../../src/base/result.ts';
import { formatProblems } from '../../../src/config/format-problems.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { configInput } from '../../support/config-input.ts';
import { createAuthority } from '../../support/servers/certificates.ts';

const TEXT = readFileSync(new URL('valid.yaml', import.meta.url), 'utf8');
const authority = createAuthority();
const [own, other] = [authority.certify(['IP:127.0.0.1']), authority.certify(['IP:127.0.0.1'])];

function parse(tls: string, prober = '') {
  const text = TEXT.replace('  timing:', `  api: { listen: "0.0.0.0:7800", tls: { ${tls} } }\n  timing:`).replace(
    'address: 127.0.0.1 }',
    `address: 127.0.0.1${prober} }`,
  );
  const files: Record<string, string> = { own: own.key, other: other.key, cert: own.cert };
  const readFile = (path: string) => {
    const found = files[path.slice('/etc/oneup/'.length)];
    return found === undefined ? err('it does not exist') : ok({ text: found, mode: 0o600 });
  };
  return parseConfig(text, { ...configInput('f.yaml'), readFile });
}

test('every prober listens where the cluster says, or where its own entry says', () => {
  const parsed = parse('cert: "${file:cert}", key: "${file:own}"', ', api: { listen: "127.0.0.1:7801" }');
  // All three are on one machine, so the shared address is taken twice: that is the one complaint.
  assert.ok(!parsed.ok);
  assert.match(formatProblems(parsed.error), /probers\[2\].*p3 would listen for agents where prober p2/);
});

test('a key that was not made with the certificate is refused, and never shown', () => {
  const parsed = parse('cert: "${file:cert}", key: "${file:other}"');
  assert.ok(!parsed.ok);
  const text = formatProblems(parsed.error);
  assert.match(text, /cluster\.api\.tls: key is not the key of cert/);
  assert.doesNotMatch(text, /BEGIN/);
});

test('certificate and key are resolved, and the key does not print', () => {
  const one = TEXT.replace(/ {4}- \{ id: p[23].*\n/g, '').replace('ns: [p1, p2, p3]', 'ns: [p1]');
  const text = one.replace(
    '  timing:',
    '  api: { listen: "0.0.0.0:7800", tls: { cert: "${file:cert}", key: "${file:own}" } }\n  timing:',
  );
  const files = (path: string) => ok({ text: path.endsWith('own') ? own.key : own.cert, mode: 0o600 });
  const parsed = parseConfig(text, { ...configInput('f.yaml'), readFile: files });
  assert.ok(parsed.ok, parsed.ok ? '' : formatProblems(parsed.error));
  const { apiTls, probers } = parsed.value.config.cluster;
  assert.deepEqual(probers[0]?.apiListen, [{ host: '0.0.0.0', port: 7800 }]);
  assert.equal(apiTls?.key.reveal(), own.key.trimEnd());
  assert.doesNotMatch(JSON.stringify(parsed.value.config), /PRIVATE KEY/);
});
