// The keys of the test, an sshd in the namespace of each node, and how the configuration says to reach it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mainAddress, NODES, type NodeName, SSH_PORT } from './hosts.ts';
import { runProgram } from './run-program.ts';

/** Keys and files for every sshd, in `ssh` of the directory of the test. */
export function writeSshFiles(directory: string): void {
  const folder = join(directory, 'ssh');
  mkdirSync(folder, { mode: 0o700 });
  for (const name of ['client', 'host']) {
    runProgram('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
  }
  const hostKey = readFileSync(join(folder, 'host.pub'), 'utf8').trim();
  const known = NODES.map((node) => `[${mainAddress(node)}]:${SSH_PORT} ${hostKey}\n`);
  writeFileSync(join(folder, 'known_hosts'), known.join(''));
  for (const node of NODES) writeFileSync(join(folder, `sshd-${node}`), serverText(folder, node));
  // As root, sshd wants the folder into which it locks its unprivileged half.
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
}

/** How the sshd of a node is started in its namespace. */
export function sshdArguments(directory: string, node: NodeName): readonly string[] {
  return ['/usr/sbin/sshd', '-D', '-e', '-f', join(directory, 'ssh', `sshd-${node}`)];
}

/** Keys of an `ssh` action of the configuration, for the node that it is resolved for. */
export function sshKeys(directory: string): string {
  const folder = join(directory, 'ssh');
  const files = `identity: "${join(folder, 'client')}", knownHosts: "${join(folder, 'known_hosts')}"`;
  return `host: "{address}", port: ${SSH_PORT}, ${files}, stateDir: "${directory}/node-{node.id}/guard"`;
}

function serverText(folder: string, node: NodeName): string {
  return [
    `ListenAddress ${mainAddress(node)}:${SSH_PORT}`,
    `HostKey ${join(folder, 'host')}`,
    'PidFile none',
    `AuthorizedKeysFile ${join(folder, 'client.pub')}`,
    'PubkeyAuthentication yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'UsePAM no',
    'UseDNS no',
    // The folder of a test is not in the home of the user, and temporary folders are open to others.
    'StrictModes no',
    'ClientAliveInterval 1',
    'ClientAliveCountMax 3',
    '',
  ].join('\n');
}
