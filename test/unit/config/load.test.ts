// The door to the file system: real files, with what can be wrong about them.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references are written as they stand in the file
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Config } from '../../../src/config/config.ts';
import { configDigest } from '../../../src/config/config-digest.ts';
import { formatProblems } from '../../../src/config/format-problems.ts';
import { loadConfig, loadConfigText } from '../../../src/config/load.ts';
import { configText } from '../../support/config-text.ts';

/** Long enough to start a process on a busy machine. */
const CHILD_TIMEOUT_MS = 10_000;
const START = 'exec: [/opt/start, "{node.id}"]';
const WITH_SECRET = 'exec: { command: [/opt/start], env: { TOKEN: "${file:token}" } }';

describe('loadConfig', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oneup-config-'));
  after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'oneup.yaml');

  test('reads a file, its secrets beside it, and gives text and digest', () => {
    const text = configText([START, WITH_SECRET]);
    writeFileSync(file, text);
    writeFileSync(join(folder, 'token'), 'from-a-file\r\n', { mode: 0o600 });
    const loaded = loadConfig(file);
    assert.ok(loaded.ok, loaded.ok ? '' : formatProblems(loaded.error));
    const { config, digest } = loaded.value;
    assert.equal(loaded.value.text, text);
    assert.equal(digest, configDigest(text));
    assert.equal(storePath(config), join(folder, 'var/oneup.db'));
    assert.equal(config.secrets[0]?.reveal(), 'from-a-file');
  });

  test('reads a text from elsewhere as if it were the file', () => {
    const loaded = loadConfigText(configText([START, WITH_SECRET]), join(folder, 'not-there.yaml'));
    assert.ok(loaded.ok, loaded.ok ? '' : formatProblems(loaded.error));
    assert.equal(loaded.value.config.secrets.length, 1);
  });

  test('takes the environment of the process', () => {
    const loaded = loadConfigText(configText(['name: test', 'name: "${env:ONEUP_TEST_NOT_SET}"']), file);
    assert.ok(!loaded.ok);
    assert.match(formatProblems(loaded.error), /ONEUP_TEST_NOT_SET is not set/);
  });

  test('refuses probers on other machines (S7)', () => {
    const loaded = loadConfigText(configText(['127.0.0.3', '198.51.100.3']), file);
    assert.ok(!loaded.ok);
    assert.match(formatProblems(loaded.error), /\[S7\]/);
  });

  test('refuses a secret that others may read', () => {
    chmodSync(join(folder, 'token'), 0o640);
    const loaded = loadConfigText(configText([START, WITH_SECRET]), file);
    chmodSync(join(folder, 'token'), 0o600);
    assert.ok(!loaded.ok);
    assert.match(formatProblems(loaded.error), /mode is 0640\D*\n\s+chmod 600/);
  });

  test('says why a file cannot be read', () => {
    const long = join(folder, 'long');
    writeFileSync(long, '#'.repeat(1_048_577));
    const binary = join(folder, 'binary');
    writeFileSync(binary, Uint8Array.of(0xff, 0xfe, 0x00));
    const reasons = [
      [join(folder, 'absent'), /it does not exist/],
      [folder, /not a regular file/],
      [long, /longer than 1048576 octets/],
      [binary, /not UTF-8 text/],
    ] as const;
    for (const [path, reason] of reasons) {
      const loaded = loadConfig(path);
      assert.ok(!loaded.ok);
      assert.match(formatProblems(loaded.error), reason);
    }
  });

  test('never waits for somebody to write into a named pipe', () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const module = new URL('../../../src/config/load.ts', import.meta.url).href;
    const program = `const { loadConfig } = await import('${module}'); console.log(JSON.stringify(loadConfig('${pipe}')))`;
    // A process of its own, so that waiting would be a failure here and not a test run that never ends.
    const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      encoding: 'utf8',
      timeout: CHILD_TIMEOUT_MS,
    });
    assert.equal(signal, null, 'it waited');
    assert.match(stdout, /not a regular file/);
  });
});

function storePath({ cluster }: Config): string {
  return cluster.store.kind === 'sqlite' ? cluster.store.path : assert.fail(cluster.store.kind);
}
