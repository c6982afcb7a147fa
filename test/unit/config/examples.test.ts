// Every example that ships is one that oneup accepts, on the machine of a reader who has its secrets in place.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { formatProblems } from '../../../src/config/format-problems.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { createAuthority } from '../../support/servers/certificates.ts';

const EXAMPLES = new URL('../../../config/examples/', import.meta.url);
const EXPECTED = [
  'active-active-web/oneup.yaml',
  'airflow-scheduler/oneup.yaml',
  'cron/oneup.yaml',
  'hdfs-namenode/oneup.yaml',
  'postgresql/oneup.yaml',
  'web-shared-db/oneup.yaml',
];
/** Some play on one machine without a way out, others keep the store beside the probers; each says so. */
const WARNED: ReadonlyMap<string, RegExp> = new Map([
  ['active-active-web/oneup.yaml', /^\S+ Warning for cluster\.references: without references .*\n.*$/],
  ...['cron', 'postgresql', 'web-shared-db'].map(
    (name) =>
      [`${name}/oneup.yaml`, /^\S+ Warning for cluster\.store\.endpoints: the store shares machines .*\n.*$/] as const,
  ),
  ['hdfs-namenode/oneup.yaml', /^\S+ Warning for cluster\.references: without references .*\n.*$/],
  ['airflow-scheduler/oneup.yaml', /^\S+ Warning for cluster\.references: without references .*\n.*$/],
]);
const CERTIFIED = createAuthority().certify(['DNS:p1.example.com']);

describe('examples', () => {
  const found = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('oneup.yaml'),
  );

  test('are found', () => {
    for (const path of EXPECTED) assert.ok(found.includes(path), `config/examples/${path} is missing`);
  });

  for (const path of found) {
    test(`config/examples/${path} is accepted without a warning that it does not explain`, () => {
      const text = readFileSync(new URL(path, EXAMPLES), 'utf8');
      const parsed = parseConfig(text, {
        fileName: path,
        baseDir: '/etc/oneup',
        env: {},
        readFile: (path) => ({ ok: true, value: { text: textOf(path), mode: 0o600 } }),
        localAddresses: [],
      });
      assert.ok(parsed.ok, parsed.ok ? '' : formatProblems(parsed.error));
      assert.match(formatProblems(parsed.value.warnings), WARNED.get(path) ?? /^$/);
    });
  }
});

/** What a reader has in the files that an example names: by the end of its name, a certificate, its key or a password. */
function textOf(path: string): string {
  if (path.endsWith('cert.pem')) return CERTIFIED.cert;
  return path.endsWith('key.pem') ? CERTIFIED.key : 'example-value';
}
