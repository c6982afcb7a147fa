// Runs one program under a deadline, in a process group of its own, with its input closed and its output bounded.
// It decides when the program counts as ended; what an exit code means is decided by whoever asked for the run.
import { type ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import { OutputTail } from '../base/output-tail.ts';
import type { CommandOutcome, CommandSpec, RunCommand } from '../ports/run-command.ts';

/** How long output may still come after the exit; then somebody else holds the pipes and nobody waits for them. */
const DRAIN_MS = 100;

export function createRunCommand({ clock }: { readonly clock: Clock }): RunCommand {
  return (spec, { signal }) => runCommand(spec, { signal, clock });
}

type Options = { readonly signal: AbortSignal; readonly clock: Clock };

async function runCommand(spec: CommandSpec, { signal, clock }: Options): Promise<CommandOutcome> {
  const beganMonoMs = clock.monotonicMs();
  const tails = { stdout: new OutputTail(), output: new OutputTail() };
  const outcome = (kind: CommandOutcome['kind'], rest: Partial<CommandOutcome>): CommandOutcome => ({
    kind,
    exitCode: null,
    signal: null,
    stdout: tails.stdout.text(),
    output: tails.output.text(),
    reason: '',
    durationMs: clock.monotonicMs() - beganMonoMs,
    lingering: null,
    ...rest,
  });
  if (signal.aborted) return outcome('deadline', { reason: 'Cannot run command: no time was left' });
  const started = start(spec);
  if (typeof started === 'string') return outcome('notStarted', { reason: started });
  const child = started;
  child.stdout?.on('data', (chunk: Buffer) => {
    tails.stdout.write(chunk);
    tails.output.write(chunk);
  });
  child.stderr?.on('data', (chunk: Buffer) => tails.output.write(chunk));
  const exited = exitOf(child, { spec, clock });
  const first = await Promise.race([exited, abortOf(signal)]);
  if (first.kind === 'notStarted') return outcome('notStarted', { reason: first.reason });
  if (first.kind === 'exited') return outcome('exited', describeExit(first));
  killGroup(child);
  const lingering = isGone(child) ? null : exited.then(() => undefined);
  return outcome('deadline', { reason: 'Killed at its deadline with all its processes', lingering });
}

function start(spec: CommandSpec): ChildProcess | string {
  const [file, ...args] = spec.argv;
  if (file === undefined) return 'Cannot run command: argv is empty';
  try {
    return spawn(file, args, {
      cwd: spec.cwd ?? undefined,
      env: spec.env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    return `Cannot run ${file}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

type Ending =
  | { readonly kind: 'exited'; readonly code: number | null; readonly signal: string | null }
  | { readonly kind: 'notStarted'; readonly reason: string }
  | { readonly kind: 'aborted' };

/** Resolves once the program itself has ended; processes that it left behind in its group are ended too. */
function exitOf(child: ChildProcess, { spec, clock }: { spec: CommandSpec; clock: Clock }): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      // An error after the start (a failed kill) says nothing about the end: `exit` follows.
      if (child.pid === undefined) resolve({ kind: 'notStarted', reason: explainNoStart(error, spec) });
    });
    child.once('exit', (code, signal) => {
      const finish = () => {
        timer.stop();
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve({ kind: 'exited', code, signal });
      };
      const timer = clock.timer(DRAIN_MS, () => {
        killGroup(child);
        // A busy process may hear of the exit first, and come here before it has read what is in the pipes: that comes in between.
        setImmediate(finish);
      });
      child.once('close', finish);
    });
  });
}

function abortOf(signal: AbortSignal): Promise<Ending> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve({ kind: 'aborted' });
    else signal.addEventListener('abort', () => resolve({ kind: 'aborted' }), { once: true });
  });
}

function describeExit({ code, signal }: Extract<Ending, { kind: 'exited' }>): Partial<CommandOutcome> {
  const reason = code === null ? `Ended by signal ${signal}` : `Ended with exit code ${code}`;
  return { exitCode: code, signal, reason };
}

function explainNoStart(error: Error & { code?: string }, { argv, cwd }: CommandSpec): string {
  const file = argv[0] ?? '';
  if (cwd !== null && !isDirectory(cwd)) {
    return `Cannot run ${file}: the working directory ${cwd} does not exist; create it or correct cwd`;
  }
  if (error.code === 'ENOENT') {
    return `Cannot run ${file}: there is no such program, or its interpreter is missing; install it or correct the path`;
  }
  if (error.code === 'EACCES')
    return `Cannot run ${file}: it is not executable; run chmod +x on it or correct the path`;
  return `Cannot run ${file}: ${error.message}`;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isGone(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** SIGKILL for the whole group. The group id cannot be anybody else's while one process of it is left. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // ESRCH: the group is empty already, which is what was wanted.
  }
}
