// Logs in to each node as its actions would (same key, same host keys, same sudo) and looks around there without touching
// anything. Actions that share a login share the try.
import type { Clock } from '../../base/clock.ts';
import { inheritedVariables, type ParentEnvironment } from '../../base/parent-environment.ts';
import type { SshActionConfig, SshTarget } from '../../config/action-config.ts';
import { converse, type Said } from '../../nodes/ssh/converse.ts';
import { describeSilence } from '../../nodes/ssh/describe-silence.ts';
import { sshArguments } from '../../nodes/ssh/ssh-arguments.ts';
import type { Outcome } from './finding.ts';
import { listUsers, type NamedAction } from './named-actions.ts';
import type { Job } from './run-jobs.ts';
import { readSshLook, sshLookScript } from './ssh-look.ts';

type Deps = { readonly clock: Clock; readonly parentEnv: ParentEnvironment };
type SshUse = NamedAction & { readonly action: SshActionConfig };

/** As long as the guard's hello may take. */
const LOOK_MAX_MS = 10_000;
const GRACE_MS = 1_000;

export function sshJobs(actions: readonly NamedAction[], deps: Deps): readonly Job[] {
  const uses = actions.flatMap((one): readonly SshUse[] =>
    one.action.driver === 'ssh' ? [{ ...one, action: one.action }] : [],
  );
  const byLogin = Map.groupBy(uses, ({ action }) => JSON.stringify(action.target));
  return [...byLogin.values()].flatMap((users): readonly Job[] => {
    const [first] = users;
    if (first === undefined) return [];
    const { target } = first.action;
    const subject = `ssh ${target.host}:${target.port} (${listUsers(users)})`;
    return [
      {
        area: 'action',
        subject,
        timeoutMs: LOOK_MAX_MS + GRACE_MS,
        run: async (signal) => [{ area: 'action', subject, ...(await look(target, users, { ...deps, signal })) }],
      },
    ];
  });
}

async function look(
  target: SshTarget,
  users: readonly SshUse[],
  { clock, parentEnv, signal }: Deps & { readonly signal: AbortSignal },
): Promise<{ readonly outcome: Outcome; readonly says: string }> {
  const commands = new Map(
    users.map(({ action: { command } }) => {
      const file = command.argv[0] ?? '';
      const path = command.env.find(([name]) => name === 'PATH')?.[1].reveal() ?? null;
      return [`${file} ${path}`, { file, path }] as const;
    }),
  );
  const said = await converse(
    {
      argv: ['ssh', ...sshArguments(target)],
      env: inheritedVariables(parentEnv),
      script: sshLookScript(target.stateDir, [...commands.values()]),
      helloMs: LOOK_MAX_MS,
      answerMs: null,
      keep: 'all',
    },
    { clock, mayActUntilBootMs: () => 0, signal },
  );
  const { isWhole, faults } = readSshLook(said.stdout, target.stateDir);
  if (!isWhole) return { outcome: 'wrong', says: explain(said, target) };
  if (faults.length > 0) return { outcome: 'wrong', says: faults.join('; ') };
  const how = target.sudo ? 'lets us in, and sudo needs no password' : 'lets us in';
  return { outcome: 'ok', says: `${how}; ${commands.size} commands are there, the state directory can be written` };
}

/** What ssh or sudo complain of stands in their last line; that of a changed key does not say so much. */
function explain(said: Said, { sudo }: SshTarget): string {
  const why = describeSilence(said, said.stderr);
  const key = /host key verification failed/i.test(said.stderr)
    ? '; the key of the host is not the one in known_hosts'
    : '';
  const root = sudo && /\bsudo\b/.test(said.stderr) ? '; sudo must allow /bin/sh -s without a password' : '';
  return `${why}${key}${root}`;
}
