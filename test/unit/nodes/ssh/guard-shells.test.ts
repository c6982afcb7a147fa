// The guard speaks the shell of every node: the contract of all drivers once more, with dash and busybox in the place of sshd.
import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SshTarget } from '../../../../src/config/action-config.ts';
import { createSshCarrier } from '../../../../src/nodes/ssh/ssh-carrier.ts';
import { describeDriver } from '../../../conformance/driver.ts';
import { openDriverBench } from '../../../support/driver-bench.ts';
import { sshAction } from '../../../support/ssh-bench.ts';

const SHELLS = { dash: ['dash'], busybox: ['busybox', 'sh'] } as const;

for (const [name, words] of Object.entries(SHELLS)) {
  const { status } = spawnSync(words[0] ?? '', [...words.slice(1), '-c', 'true']);
  if (status === 0) describeDriver(`ssh in ${name}`, () => openIn(words));
  else test(`ssh in ${name}`, (t) => t.skip(`needs ${name}`));
}

function openIn(words: readonly string[]) {
  return openDriverBench(async ({ directory, ...deps }) => {
    const program = join(directory, 'client');
    writeFileSync(program, `#!/bin/sh\nexec ${words.join(' ')} -s\n`);
    chmodSync(program, 0o755);
    const nowhere = {
      host: 'nowhere',
      port: 22,
      user: null,
      identity: null,
      knownHosts: null,
      jump: null,
      sudo: false,
    };
    const target: SshTarget = { ...nowhere, stateDir: join(directory, 'state') };
    return {
      carriers: { ssh: createSshCarrier({ ...deps, program }) },
      actionOf: (file, timeoutMs) => sshAction(target, [file], timeoutMs),
      close: () => Promise.resolve(),
    };
  });
}
