// How a pid namespace is made and recognised: its first process dies with the keeper, and with it everything in the namespace
// (S16). What is brought into the namespace, a service or the command of run-if-active, is decided by others.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Tools } from './find-tools.ts';
import { listProcesses, type ProcessIdentity, pidNamespaceOf } from './process-table.ts';

/** Endless and unmistakable. It is started again when somebody kills it, and ends for good when the keeper's end closes. */
export const WAITER = 'cat -u -- - -';
const FIRST_PROCESS = 'while "$1" -u -- - - <&3 >/dev/null & wait $!; [ $? -gt 128 ]; do :; done';

/** Returns `unshare`, whose only child is the first process. `standIn`: what stands between the keeper and it in the trial. */
export function startFirstProcess({ setpriv, unshare, sh, cat }: Tools, standIn: readonly string[] = []): ChildProcess {
  const isolate = [setpriv, '--pdeathsig', 'KILL', unshare, '--pid', '--fork', '--kill-child=KILL', '--'];
  const argv = [...standIn, ...isolate, sh, '-c', FIRST_PROCESS, 'keeper', cat];
  return startApart(argv, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
}

type Outputs = { readonly stdio: ('ignore' | 'pipe' | number)[]; readonly env?: Readonly<Record<string, string>> };

/** In a session of its own: what a terminal sends to the keeper is not meant for the service. */
export function startApart([file = '', ...args]: readonly string[], { stdio, env = {} }: Outputs): ChildProcess {
  const child = spawn(file, args, { stdio, env: { ...env }, detached: true, cwd: '/' });
  // A program that could not be started has no `exit`; `started` tells of it by what is missing.
  child.on('error', () => {});
  child.stdio[3]?.on('error', () => {});
  return child;
}

export function hasExited(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/** The nearest descendant in another namespace. */
export function findInside(pid: number, own: string | null): ProcessIdentity | null {
  const child = childOf(pid);
  if (child === null) return null;
  const namespace = pidNamespaceOf(child.pid);
  return namespace !== null && namespace !== own ? child : findInside(child.pid, own);
}

export function childOf(parentPid: number | undefined): ProcessIdentity | null {
  const child = listProcesses().find((stat) => stat.parentPid === parentPid);
  return child === undefined ? null : { pid: child.pid, startTicks: child.startTicks };
}
