// Resolves a command for one node. What could show a secret to other users of the machine is refused.
import { Secret } from '../base/secret.ts';
import { absolutePath } from './absolute-path.ts';
import type { Command } from './command-config.ts';
import type { ConfigPath } from './config-problem.ts';
import type { NodeScope } from './node-scope.ts';
import type { CommandWritten } from './schema/command-schema.ts';

/** `path` is where the command stands: the list of words, or the map around it. */
export function resolveCommand(
  written: CommandWritten,
  { scope, path }: { readonly scope: NodeScope; readonly path: ConfigPath },
): Command {
  if (Array.isArray(written)) return { argv: resolveArgv(written.length, scope, path), env: [], cwd: null };
  const env = Object.keys(written.env).map((name) => resolveVariable(name, scope, path));
  const cwd = written.cwd === undefined ? null : scope.textAt([...path, 'cwd'], { address: 'bare' }).text;
  return {
    argv: resolveArgv(written.command.length, scope, [...path, 'command']),
    env,
    cwd: cwd === null ? null : absolutePath(cwd, scope.context.baseDir),
  };
}

export function resolveArgv(length: number, scope: NodeScope, path: ConfigPath): readonly string[] {
  return Array.from({ length }, (_, index) => {
    const at = [...path, index];
    const { text, holdsSecret } = scope.textAt(at, { address: 'bare' });
    if (holdsSecret) {
      const reason = 'arguments are visible to every user of the machine, and this one holds a secret';
      scope.context.report({ path: at, reason, remedy: 'Pass it in env: and let the command read the variable' });
    } else if (text.includes('\0') || (index === 0 && text === '')) {
      scope.context.report({ path: at, reason: 'no program can be given this word', remedy: 'Write a program name' });
    }
    return text;
  });
}

export function resolveVariable(name: string, scope: NodeScope, path: ConfigPath): readonly [string, Secret] {
  const at = [...path, 'env', name];
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    const reason = `"${name}" is not a name of an environment variable`;
    scope.context.report({ path: at, point: 'key', reason, remedy: 'Use letters, digits and _' });
  } else if (name.startsWith('ONEUP_')) {
    const reason = 'names that begin with ONEUP_ are set by oneup itself';
    scope.context.report({ path: at, point: 'key', reason, remedy: 'Choose another name' });
  }
  return [name, new Secret(scope.textAt(at, { address: 'bare' }).text)];
}
