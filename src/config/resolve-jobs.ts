// Resolves the jobs of an agent's file, and finds what no schema can: names written twice, and words that would show a secret.
import { Secret } from '../base/secret.ts';
import { absolutePath } from './absolute-path.ts';
import type { Command } from './command-config.ts';
import type { ConfigFinding, ConfigPath } from './config-problem.ts';
import { findDuplicates } from './find-duplicates.ts';
import { hasReference } from './references.ts';
import type { JobWritten } from './schema/job-schema.ts';
import { valueAt } from './value-at.ts';

export type JobConfig = {
  readonly id: string;
  readonly service: string;
  /** Five or six fields, as node-cron reads them. */
  readonly schedule: string;
  readonly timeZone: string;
  readonly command: Command;
  readonly timeoutMs: number;
  readonly onLoss: 'kill' | 'finish';
  readonly missed: 'report' | 'run-once';
};

export function resolveJobs(written: readonly JobWritten[], baseDir: string): readonly JobConfig[] {
  return written.map(({ id, service, schedule, timeZone, command, env, cwd, timeout, onLoss, missed }) => ({
    ...{ id, service, schedule, timeZone, timeoutMs: timeout, onLoss, missed },
    command: {
      argv: command,
      env: Object.entries(env).map(([name, value]) => [name, new Secret(value)] as const),
      cwd: cwd === undefined ? null : absolutePath(cwd, baseDir),
    },
  }));
}

/** `tree`: the file before its references were replaced. */
export function findJobFaults(jobs: readonly JobWritten[], tree: unknown): readonly ConfigFinding[] {
  const duplicates = findDuplicates(jobs.map(({ id }) => id)).map(
    ({ index, firstIndex }): ConfigFinding => ({
      path: ['jobs', index, 'id'],
      reason: `jobs[${firstIndex}] has the same id`,
      remedy: 'Give each job an id of its own',
    }),
  );
  return [...duplicates, ...jobs.flatMap((job, index) => findCommandFaults(job, ['jobs', index], tree))];
}

function findCommandFaults({ command, env }: JobWritten, path: ConfigPath, tree: unknown): readonly ConfigFinding[] {
  const words = command.flatMap((word, index): readonly ConfigFinding[] => {
    const at = [...path, 'command', index];
    if (hasReference(String(valueAt(tree, at)))) return [{ path: at, ...SHOWN }];
    return word.includes('\0') || (index === 0 && word === '') ? [{ path: at, ...NO_WORD }] : [];
  });
  const names = Object.keys(env).flatMap((name): readonly ConfigFinding[] => {
    const at = [...path, 'env', name];
    if (!/^[A-Za-z_]\w*$/.test(name)) return [{ path: at, point: 'key', ...NO_NAME }];
    return name.startsWith('ONEUP_') ? [{ path: at, point: 'key', ...OUR_NAME }] : [];
  });
  return [...words, ...names];
}

const SHOWN = {
  reason: 'arguments are visible to every user of the machine, and this one holds a secret',
  remedy: 'Pass it in env: and let the command read the variable',
};
const NO_WORD = { reason: 'no program can be given this word', remedy: 'Write a program name' };
const NO_NAME = { reason: 'this is not a name of an environment variable', remedy: 'Use letters, digits and _' };
const OUR_NAME = {
  reason: 'names that begin with ONEUP_ are set by oneup itself',
  remedy: 'Choose another name',
};
