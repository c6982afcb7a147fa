// A real sshd on a loopback address with its own host key, its own configuration and one allowed key, for one test.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export type SshServer = AsyncDisposable & {
  /** `SHA256:...` of its host key. */
  readonly fingerprint: string;
  readonly log: () => string;
};

const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];

/** Where sshd is, or null on a machine without it. */
export function findSshd(): string | null {
  return FOLDERS.map((folder) => join(folder, 'sshd')).find((path) => existsSync(path)) ?? null;
}

export type SshServerOptions = {
  readonly sshd: string;
  /** An empty folder is made here for its keys and files. */
  readonly folder: string;
  readonly address: string;
  readonly port: number;
  readonly authorizedKeys: string;
};

/** Resolves when it listens; rejects with what it said when it does not. */
export async function startSshServer({
  sshd,
  folder,
  address,
  port,
  authorizedKeys,
}: SshServerOptions): Promise<SshServer> {
  mkdirSync(folder, { recursive: true });
  const key = join(folder, 'host_key');
  run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const [, fingerprint = ''] = run('ssh-keygen', ['-lf', `${key}.pub`]).split(' ');
  const config = join(folder, 'sshd_config');
  writeFileSync(config, configText({ address, port, key, authorizedKeys, folder }));
  // As root, sshd wants the folder into which it locks its unprivileged half.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const child = spawn(sshd, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const log = await listening(child);
  return { fingerprint, log, [Symbol.asyncDispose]: () => end(child) };
}

type ConfigOptions = { readonly key: string } & Pick<
  SshServerOptions,
  'address' | 'port' | 'authorizedKeys' | 'folder'
>;

function configText({ address, port, key, authorizedKeys, folder }: ConfigOptions): string {
  return [
    `ListenAddress ${address}:${port}`,
    `HostKey ${key}`,
    `PidFile ${join(folder, 'sshd.pid')}`,
    `AuthorizedKeysFile ${authorizedKeys}`,
    'PubkeyAuthentication yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'UsePAM no',
    // The folder of a test is not in the home of the user, and temporary folders are open to others.
    'StrictModes no',
    'Subsystem sftp internal-sftp',
    `SetEnv PATH="${process.env.PATH ?? ''}"`,
    '',
  ].join('\n');
}

async function listening(child: ChildProcess): Promise<() => string> {
  let text = '';
  const ended = once(child, 'close').then(() => 'ended' as const);
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  while (!text.includes('Server listening')) {
    const next = child.stderr === null ? ended : Promise.race([once(child.stderr, 'data'), ended]);
    if ((await next) === 'ended') throw new Error(`Cannot start sshd: ${text}`);
  }
  return () => text;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'close');
}

function run(program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`Cannot run ${program}: it ended with ${status}, ${stderr}`);
  return stdout;
}
