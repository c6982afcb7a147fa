// The script that looks around on a node, in the shells that nodes have: it finds what is missing and touches nothing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readSshLook, sshLookScript } from '../../../../src/cli/connect/ssh-look.ts';

const SHELLS = [['sh'], ['dash'], ['busybox', 'sh'], ['bash']].filter(
  ([shell = '']) => spawnSync('/bin/sh', ['-c', `command -v ${shell}`]).status === 0,
);

describe('sshLookScript', () => {
  for (const shell of SHELLS) {
    test(`in ${shell.join(' ')}`, () => {
      const folder = mkdtempSync(join(tmpdir(), 'oneup-look-'));
      try {
        mkdirSync(join(folder, 'bin'));
        writeFileSync(join(folder, 'bin', "it's here"), '#!/bin/sh\n', { mode: 0o755 });
        const commands = [
          { file: join(folder, 'bin', "it's here"), path: null },
          { file: "it's here", path: join(folder, 'bin') },
          { file: "it's here", path: null },
          { file: join(folder, 'gone'), path: null },
          { file: '$(touch touched)', path: null },
        ];
        const stateDir = join(folder, 'not', 'yet');
        const script = sshLookScript(stateDir, commands);
        const [file = '', ...args] = shell;
        const { stdout } = spawnSync(file, [...args, '-s'], { input: script, cwd: folder, encoding: 'utf8' });
        const found = readSshLook(`Welcome!\n${stdout}`, stateDir);
        assert.deepEqual(found, {
          isWhole: true,
          faults: ["it's here", join(folder, 'gone'), '$(touch touched)'].map(
            (name) => `there is no executable ${name} on the node`,
          ),
        });
        assert.deepEqual(readdirSync(folder), ['bin'], 'nothing was made');
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  test('a state directory below a file cannot be written', () => {
    const { stdout } = spawnSync('/bin/sh', ['-s'], { input: sshLookScript('/dev/null/state', []), encoding: 'utf8' });
    const { faults } = readSshLook(stdout, '/dev/null/state');
    assert.deepEqual(faults, [
      'the state directory /dev/null/state cannot be written: /dev/null is closed to the user of the action',
    ]);
  });

  test('a state directory of somebody else cannot be written', () => {
    const folder = mkdtempSync(join(tmpdir(), 'oneup-look-'));
    try {
      const isRoot = process.getuid?.() === 0;
      chmodSync(folder, isRoot ? 0o755 : 0o555);
      const stateDir = join(folder, 'state');
      const nobody = isRoot ? { uid: 65_534, gid: 65_534 } : {};
      const input = sshLookScript(stateDir, []);
      const { stdout } = spawnSync('/bin/sh', ['-s'], { input, encoding: 'utf8', cwd: '/', ...nobody });
      assert.deepEqual(readSshLook(stdout, stateDir).faults, [
        `the state directory ${stateDir} cannot be written: ${folder} is closed to the user of the action`,
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('a script that did not come to its end is not whole', () => {
    assert.equal(readSshLook('oneup1 command x\n', '/x').isWhole, false);
  });
});
