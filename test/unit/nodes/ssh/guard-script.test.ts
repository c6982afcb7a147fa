// What travels to a node and what stands in arguments: words are quoted, secrets travel over stdin alone, options cannot be
// smuggled in, and answers that no guard gives are none.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import type { SshTarget } from '../../../../src/config/action-config.ts';
import { guardScript } from '../../../../src/nodes/ssh/guard-script.ts';
import { quoteWord } from '../../../../src/nodes/ssh/quote-word.ts';
import { readAnswer } from '../../../../src/nodes/ssh/read-answer.ts';
import { sshArguments } from '../../../../src/nodes/ssh/ssh-arguments.ts';
import { contextAt } from '../../../support/exec-bench.ts';

const TARGET: SshTarget = {
  ...{ host: '192.0.2.21', port: 2222, user: 'deploy', identity: '/etc/my keys/100%/id', knownHosts: '/etc/known' },
  ...{ jump: null, sudo: false, stateDir: '/var/lib/oneup' },
};

describe('quoteWord', () => {
  test('gives back every text through a shell, and refuses a zero byte', () => {
    for (const text of ['', "it's", '$(id) `id` \\', 'a\nb\n', '☃', "'", "''\\''", '-n']) {
      const { stdout } = spawnSync('/bin/sh', ['-c', `printf %s ${quoteWord(text)}`], { encoding: 'utf8' });
      assert.equal(stdout, text);
    }
    assert.throws(() => quoteWord('a\0b'), RangeError);
  });
});

describe('sshArguments', () => {
  test('always verifies host keys, never asks, shares no connection, and reads no ssh_config', () => {
    const words = sshArguments({ ...TARGET, jump: { host: 'bastion', port: 22, user: null } });
    for (const needed of ['BatchMode=yes', 'StrictHostKeyChecking=yes', 'ControlMaster=no', 'ForwardAgent=no']) {
      assert.ok(words.includes(needed), needed);
      assert.match(words.find((word) => word.startsWith('ProxyCommand=')) ?? '', new RegExp(`'${needed}'`));
    }
    assert.deepEqual(words.slice(1, 3), ['-F', 'none']);
    assert.deepEqual(words.slice(-3), ['--', '192.0.2.21', 'exec /bin/sh -s']);
    assert.ok(words.includes('IdentityFile="/etc/my keys/100%%/id"'));
  });

  test('sudo never asks for a password', () => {
    assert.equal(sshArguments({ ...TARGET, sudo: true }).at(-1), 'exec sudo -n -- /bin/sh -s');
  });
});

describe('guardScript', () => {
  test('is a script without a fault of syntax, and only it holds what is secret', () => {
    const script = guardScript({
      ...{ mode: 'act', action: 'start', context: contextAt(1), part: 0, timeoutMs: 1_000, stateDir: "/var/o'neup" },
      ...{ argv: ['a b', "c'd"], variables: { TOKEN: "swordfish'$x" } },
    });
    const { status, stderr } = spawnSync('/bin/sh', ['-n'], { input: script, encoding: 'utf8' });
    assert.deepEqual([status, stderr], [0, '']);
    assert.ok(script.includes(`export TOKEN='swordfish'\\''$x'`));
    assert.ok(!sshArguments(TARGET).join(' ').includes('swordfish'));
  });
});

describe('readAnswer', () => {
  test('reads a result behind the greeting of a login shell, and never out of the output of a script', () => {
    const text =
      'Welcome!\noneup1 hello n b 1 0 0 0 0\noneup1 result first failed 3 12\noneup1 output\noneup1 result first done 0 0\n';
    const answer = readAnswer(text);
    assert.ok(answer?.kind === 'result');
    assert.deepEqual([answer.phase, answer.exitCode, answer.durationMs], ['failed', 3, 120]);
    assert.equal(answer.output, 'oneup1 result first done 0 0\n');
  });

  test('takes nothing else for an answer', () => {
    for (const text of [
      '',
      'oneup1 result',
      'oneup1 result first done x 0',
      'oneup1 result first done -1 0',
      'oneup1 result first maybe 0 0',
      'oneup1 refused start 1 2 3',
      'oneup1 status 1 1 1 0 start done 0 0 running no yes',
      'oneup1 status 99999999999999999999 1 1 0 start done 0 0 active no yes',
      'xoneup1 late',
    ]) {
      assert.equal(readAnswer(text), null, text);
    }
  });
});
