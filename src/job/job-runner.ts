// Runs the command of a job under run-if-active, so that jobs obey exactly the rules of crontabs (S16). Its output goes into a file
// of bounded size, and how it ended into another, which an agent that is started again finds.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../base/clock.ts';
import { commandLineOf, isAlive, listProcesses, type ProcessIdentity } from '../keeper/process-table.ts';
import { openLog, trimLog } from '../keeper/service-log.ts';
import type { JobEnd, JobRunner, JobStart } from '../ports/job-runner.ts';
import { NODE_STATE_FILE } from '../ports/node-state.ts';
import type { RunResult } from './run-result.ts';

export type JobRunnerOptions = { readonly stateDir: string; readonly clock: Clock };

const TRIM_MS = 5_000;
/** Nobody tells when a process ends that is not our child. */
const LOOK_MS = 1_000;
const RESULT_BYTES_MAX = 65_536;

export function createJobRunner({ stateDir, clock }: JobRunnerOptions): JobRunner {
  const folder = join(stateDir, 'jobs');
  const logOf = (id: string) => join(folder, `${id}.log`);
  const resultOf = (id: string) => join(folder, `${id}.result`);

  async function start(job: JobStart): Promise<JobEnd> {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      rmSync(resultOf(job.id), { force: true });
      await trimLog(logOf(job.id));
      await using log = await openLog(logOf(job.id));
      await log.write(`--- ${new Date(clock.wallMs()).toISOString()} ${job.id}\n`);
      const ended = spawnGuarded(job, log.fd);
      return await trimming(job.id, ended);
    } catch (error) {
      return notStarted(error);
    }
  }

  /** In a session of its own and without a pipe to us: it goes on when the agent ends. */
  function spawnGuarded(job: JobStart, logFd: number): Promise<JobEnd> {
    const { id, service, argv, cwd, env, timeoutMs, onLoss } = job;
    const own = ['--state', join(stateDir, NODE_STATE_FILE), '--result', resultOf(id), '--timeout', `${timeoutMs}ms`];
    const words = [entry(), ...own, ...(onLoss === 'finish' ? ['--no-keeper'] : []), service, '--', ...argv];
    const stdio = ['ignore' as const, logFd, logFd];
    const child = spawn(process.execPath, words, { cwd: cwd ?? '/', env: { ...env }, detached: true, stdio });
    child.unref();
    return new Promise((resolve) => {
      child.once('error', (error) => child.pid === undefined && resolve(notStarted(error)));
      child.once('exit', (code, signal) => resolve(endOf(id, `it ended with ${signal ?? `exit code ${code}`}`)));
    });
  }

  async function trimming(id: string, ended: Promise<JobEnd>): Promise<JobEnd> {
    const over = new AbortController();
    void (async () => {
      while (!over.signal.aborted) {
        await clock.sleep(TRIM_MS, { signal: over.signal }).catch(() => undefined);
        await trimLog(logOf(id)).catch(() => false);
      }
    })();
    const end = await ended;
    over.abort();
    return end;
  }

  function endOf(id: string, otherwise: string): JobEnd {
    const result = readResult(resultOf(id));
    return result ?? { kind: 'vanished', code: null, reason: `nobody knows how it ended: ${otherwise}` };
  }

  async function awaitOld(id: string): Promise<JobEnd> {
    const old = findOld(resultOf(id));
    while (old !== null && isAlive(old)) await clock.sleep(LOOK_MS, { signal: new AbortController().signal });
    return endOf(id, 'the agent was not there');
  }

  return { start, awaitOld };
}

/** What stands around a command has the file of its result among its arguments. */
function findOld(resultPath: string): ProcessIdentity | null {
  const marked = (pid: number) => commandLineOf(pid)?.includes(` --result ${resultPath} `) === true;
  return listProcesses().find(({ pid }) => marked(pid)) ?? null;
}

function readResult(path: string): RunResult | null {
  try {
    const text = readFileSync(path, 'utf8');
    const value = JSON.parse(text.slice(0, RESULT_BYTES_MAX)) as Partial<RunResult> | null;
    const { kind, code, reason } = value ?? {};
    if (kind === undefined || typeof code !== 'number' || typeof reason !== 'string') return null;
    return KINDS.includes(kind) ? { kind, code, reason } : null;
  } catch {
    // It was never written, or not whole: as if it were not there.
    return null;
  }
}

const KINDS: readonly RunResult['kind'][] = ['refused', 'ended', 'timeout', 'lost'];

function notStarted(error: unknown): JobEnd {
  return { kind: 'notStarted', code: null, reason: error instanceof Error ? error.message : String(error) };
}

/** The same file beside this one, as TypeScript here and as JavaScript once built. */
function entry(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`./run-if-active-process.${extension}`, import.meta.url));
}
