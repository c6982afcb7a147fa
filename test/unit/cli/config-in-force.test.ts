// Which configuration counts for a prober, and that the log advises what helps (S7).
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { configInForce } from '../../../src/cli/config-in-force.ts';
import { configDigest } from '../../../src/config/config-digest.ts';
import { loadConfigText } from '../../../src/config/load.ts';
import type { Logger } from '../../../src/ports/logger.ts';
import { SILENT, testConfigText } from '../../support/prober-world.ts';

const FILE = 'oneup.yaml';
const OTHER = testConfigText(['margin: 100ms', 'margin: 200ms']);
const UNLOADABLE = testConfigText(['references: []', 'references: ["tcp://${env:ONEUP_NOT_SET_ANYWHERE}:53"]']);

function judge(record: string | undefined, configFile = FILE) {
  const told: { readonly level: string; readonly remedy: string }[] = [];
  const note = (level: string) => (data: object) => {
    told.push({ level, remedy: 'remedy' in data ? String(data.remedy) : '' });
  };
  const logger: Logger = { ...SILENT, warn: note('warn'), error: note('error') };
  const loaded = loadConfigText(testConfigText(), FILE);
  assert.ok(loaded.ok);
  const found = configInForce(record, { loaded: loaded.value, configFile, logger });
  return { found, own: loaded.value, told };
}

test('the record counts where it can be loaded; a file that differs can be proposed', () => {
  const { found, told } = judge(OTHER);
  assert.deepEqual([found.standing, found.loaded.text, found.inForceDigest], ['differs', OTHER, configDigest(OTHER)]);
  assert.deepEqual([told.length, told[0]?.level], [1, 'warn']);
  assert.match(told[0]?.remedy ?? '', /oneup reload proposes the file/);
});

test('for a record that cannot be loaded nobody is told to reload, which this prober would refuse', () => {
  const { found, own, told } = judge(UNLOADABLE);
  assert.deepEqual([found.standing, found.loaded, found.inForceDigest], ['unloadable', own, configDigest(UNLOADABLE)]);
  assert.deepEqual([told.length, told[0]?.level], [1, 'error']);
  assert.match(told[0]?.remedy ?? '', /variables and files/);
  assert.ok(!/reload/.test(told[0]?.remedy ?? ''));
});

test('nothing is told where the file is the record, or where there is none', () => {
  for (const record of [testConfigText(), undefined]) {
    const { found, told } = judge(record);
    assert.deepEqual([found.standing, told], ['inForce', []]);
  }
});

test('a file that was written anew since the start, and is the record by now, differs from nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oneup-in-force-'));
  try {
    const file = join(folder, FILE);
    writeFileSync(file, OTHER);
    const { found, told } = judge(OTHER, file);
    assert.deepEqual([found.standing, found.loaded.text, told], ['inForce', OTHER, []]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
