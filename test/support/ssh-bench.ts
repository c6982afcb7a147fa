// A bench for the ssh driver: a real sshd on loopback, its keys, and a state directory of its own for each test.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { SshActionConfig, SshTarget } from '../../src/config/action-config.ts';
import { createSshCarrier } from '../../src/nodes/ssh/ssh-carrier.ts';
import { findSshd, type SshServer, startSshServer } from '../e2e/support/ssh-server.ts';
import { type DriverBench, openDriverBench } from './driver-bench.ts';
import { freePort } from './servers/free-port.ts';

export type SshWorld = AsyncDisposable & {
  readonly folder: string;
  readonly server: SshServer;
  readonly target: SshTarget;
  readonly open: (change?: Partial<SshTarget>, options?: { readonly program?: string }) => Promise<DriverBench>;
};

/** Null on a machine without sshd. */
export async function openSshWorld(): Promise<SshWorld | null> {
  const sshd = findSshd();
  if (sshd === null) return null;
  const folder = mkdtempSync(join(tmpdir(), 'oneup-ssh-'));
  const key = join(folder, 'id');
  const made = spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  if (made.status !== 0) throw new Error(`Cannot make a key: ${made.stderr}`);
  const port = await freePort();
  const serverFolder = join(folder, 'server');
  const address = '127.0.0.1';
  const server = await startSshServer({ sshd, folder: serverFolder, address, port, authorizedKeys: `${key}.pub` });
  const knownHosts = join(folder, 'known_hosts');
  writeFileSync(knownHosts, `[${address}]:${port} ${readFileSync(join(serverFolder, 'host_key.pub'), 'utf8')}`);
  const target: SshTarget = {
    ...{ host: address, port, user: userInfo().username, identity: key, knownHosts, jump: null, sudo: false },
    stateDir: '',
  };
  return {
    ...{ folder, server, target },
    open: (change = {}, options = {}) =>
      openDriverBench(async ({ directory, ...deps }) => ({
        carriers: { ssh: createSshCarrier({ ...deps, ...options }) },
        actionOf: (file, timeoutMs) =>
          sshAction({ ...target, stateDir: join(directory, 'state'), ...change }, [file], timeoutMs),
        close: () => Promise.resolve(),
      })),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export function sshAction(target: SshTarget, argv: readonly string[], timeoutMs = 10_000): SshActionConfig {
  return { driver: 'ssh', target, command: { argv, env: [], cwd: null }, timeoutMs };
}
