// Resolves an action over ssh for one node. Whatever ssh could take for an option or a shell for syntax is refused here.
import { absolutePath } from './absolute-path.ts';
import type { SshActionConfig, SshTarget } from './action-config.ts';
import type { ConfigPath } from './config-problem.ts';
import type { NodeScope } from './node-scope.ts';
import { resolveArgv, resolveVariable } from './resolve-command.ts';
import type { SshWritten } from './schema/driver-schema.ts';

type Place = { readonly scope: NodeScope; readonly path: ConfigPath };

const HOST = /^(?!-)[A-Za-z0-9._:%-]{1,255}$/;
const USER = /^[A-Za-z_][A-Za-z0-9._-]{0,63}$/;
const PORT = 22;
const STATE_DIR = '/var/lib/oneup';

export function resolveSsh(written: SshWritten, { scope, path }: Place): Omit<SshActionConfig, 'timeoutMs'> {
  const env = Object.keys(written.env).map((name) => resolveVariable(name, scope, path));
  const argv = resolveArgv(written.command.length, scope, [...path, 'command']);
  return { driver: 'ssh', target: resolveTarget(written, { scope, path }), command: { argv, env, cwd: null } };
}

function resolveTarget(written: SshWritten, place: Place): SshTarget {
  const { baseDir } = place.scope.context;
  const fileAt = (key: 'identity' | 'knownHosts') => {
    if (written[key] === undefined) return null;
    const name = textAt(key, place);
    if (/["\\\p{Cc}]/u.test(name)) report(key, 'ssh cannot be given this file name', 'Choose another name', place);
    return absolutePath(name, baseDir);
  };
  return {
    host: nameAt('host', HOST, place),
    port: written.port,
    user: written.user === undefined ? null : nameAt('user', USER, place),
    identity: fileAt('identity'),
    knownHosts: fileAt('knownHosts'),
    jump: written.jump === undefined ? null : resolveJump(place),
    sudo: written.sudo,
    stateDir: written.stateDir === undefined ? STATE_DIR : resolveStateDir(place),
  };
}

function resolveStateDir(place: Place): string {
  const text = textAt('stateDir', place);
  if (text.startsWith('/') && !/\p{Cc}/u.test(text)) return absolutePath(text, '/');
  report('stateDir', 'expected an absolute path on the node', 'Write a path such as /var/lib/oneup', place);
  return '/';
}

/** `user@host:port`, where user and port may be left out; an IPv6 address stands in brackets. */
function resolveJump(place: Place): SshTarget['jump'] {
  const text = textAt('jump', place);
  const { user, bracketed, bare, port = String(PORT) } = JUMP.exec(text)?.groups ?? {};
  const host = bracketed ?? bare ?? '';
  const isUsable =
    HOST.test(host) && (user === undefined || USER.test(user)) && Number(port) >= 1 && Number(port) <= 65_535;
  if (isUsable) return { host, port: Number(port), user: user ?? null };
  report('jump', 'expected a host to go through', 'Write it as user@host:port; user and port may be left out', place);
  return null;
}

const JUMP = /^(?:(?<user>[^@]+)@)?(?:\[(?<bracketed>[^\]]+)\]|(?<bare>[^:]+))(?::(?<port>\d{1,5}))?$/;

function nameAt(key: 'host' | 'user', shape: RegExp, place: Place): string {
  const text = textAt(key, place);
  if (!shape.test(text)) report(key, `ssh cannot be given this ${key}`, `Write the name of a ${key}`, place);
  return text;
}

/** What is an argument of ssh is seen by every user of this machine. */
function textAt(key: string, { scope, path }: Place): string {
  const { text, holdsSecret } = scope.textAt([...path, key], { address: 'bare' });
  if (!holdsSecret) return text;
  const reason = 'arguments of ssh are visible to every user of the machine, and this one holds a secret';
  report(key, reason, 'Write the value itself', { scope, path });
  return text;
}

function report(key: string, reason: string, remedy: string, { scope, path }: Place): void {
  scope.context.report({ path: [...path, key], reason, remedy });
}
