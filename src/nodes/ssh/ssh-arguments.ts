// The arguments of the system's ssh. Nothing is left to the ssh_config of this machine: a multiplexed connection, a forwarded
// agent or an accepted host key would change what an action means. Host keys are always verified.
import type { SshTarget } from '../../config/action-config.ts';
import { quoteWord } from './quote-word.ts';

/** A silent host costs this long (P2); a connection that falls silent ends after ALIVE_SECONDS * ALIVE_COUNT. */
const CONNECT_SECONDS = 5;
const ALIVE_SECONDS = 2;
const ALIVE_COUNT = 3;

export function sshArguments(target: SshTarget): readonly string[] {
  const { host, port, user, jump, sudo } = target;
  const proxy = jump === null ? [] : ['-o', `ProxyCommand=${proxyCommand(target, jump)}`];
  const remote = sudo ? 'exec sudo -n -- /bin/sh -s' : 'exec /bin/sh -s';
  return ['-T', ...commonArguments(target), ...proxy, ...login({ host, port, user }), remote];
}

/** ProxyJump would take neither the key nor the file of known hosts along to the jump host, so it is written out. */
function proxyCommand(target: SshTarget, jump: NonNullable<SshTarget['jump']>): string {
  const words = ['ssh', ...commonArguments(target), '-W', '[%h]:%p', ...login(jump)];
  return words.map((word) => (word === '[%h]:%p' ? word : quoteWord(word).replaceAll('%', '%%'))).join(' ');
}

function commonArguments({ identity, knownHosts }: SshTarget): readonly string[] {
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    'UpdateHostKeys=no',
    ...(knownHosts === null ? [] : [`UserKnownHostsFile=${quotePath(knownHosts)}`, 'GlobalKnownHostsFile=none']),
    ...(identity === null ? [] : ['IdentitiesOnly=yes', `IdentityFile=${quotePath(identity)}`]),
    `ConnectTimeout=${CONNECT_SECONDS}`,
    'ConnectionAttempts=1',
    `ServerAliveInterval=${ALIVE_SECONDS}`,
    `ServerAliveCountMax=${ALIVE_COUNT}`,
    'ControlMaster=no',
    'ControlPath=none',
    'ForwardAgent=no',
    'ForwardX11=no',
    'ClearAllForwardings=yes',
    'PermitLocalCommand=no',
    'EscapeChar=none',
    'LogLevel=ERROR',
  ];
  return ['-F', 'none', ...options.flatMap((option) => ['-o', option])];
}

/** ssh splits file names at spaces and expands % in them, even in arguments. */
function quotePath(path: string): string {
  return `"${path.replaceAll('%', '%%')}"`;
}

function login({ host, port, user }: NonNullable<SshTarget['jump']>): readonly string[] {
  return ['-p', String(port), ...(user === null ? [] : ['-l', user]), '--', host];
}
