// Starts and ends the real processes of the demo: probers by `oneup run`, commands by `oneup ...`, the services by the pids
// that their start script wrote. Everything is ended by pid, whatever happens.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DemoPlace, NodeName } from './demo-place.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** A prober that does not end in this time after SIGTERM is killed. */
const STOP_MAX_MS = 5_000;
const COMMAND_MAX_MS = 20_000;
const LOG_LINES_SHOWN = 5;

export type CommandResult = { readonly exitCode: number; readonly out: string; readonly err: string };

export class DemoProcesses {
  readonly #place: DemoPlace;
  readonly #signal: AbortSignal;
  readonly #probers = new Map<string, ChildProcess>();

  constructor(place: DemoPlace, signal: AbortSignal) {
    this.#place = place;
    this.#signal = signal;
  }

  startProber(prober: string): void {
    const log = openSync(join(this.#place.folder, `${prober}.log`), 'a');
    const child = spawn(process.execPath, [MAIN, 'run', '-c', this.#place.configFile, '--prober', prober], {
      stdio: ['ignore', log, log],
      env: environment(),
    });
    closeSync(log);
    this.#probers.set(prober, child);
  }

  /** Runs one `oneup` command and waits for its end. */
  async oneup(...args: readonly string[]): Promise<CommandResult> {
    const child = spawn(process.execPath, [MAIN, ...args, '-c', this.#place.configFile], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: environment(),
      timeout: COMMAND_MAX_MS,
      signal: this.#signal,
    });
    const texts = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      texts[0] += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      texts[1] += text;
    });
    const [exitCode] = (await once(child, 'close')) as [number | null];
    const [out = '', err = ''] = texts;
    return { exitCode: exitCode ?? -1, out: out.trim(), err: err.trim() };
  }

  /** The JSON of a command that must succeed. */
  async ask<T>(...args: readonly string[]): Promise<T> {
    const { exitCode, out, err } = await this.oneup(...args, '--json');
    if (exitCode !== 0) throw new Error(`oneup ${args.join(' ')} ended with ${exitCode}: ${err || out}`);
    return JSON.parse(out) as T;
  }

  /** SIGKILL, as a crash would do it; returns the pid. */
  killService(node: NodeName): number {
    const pid = this.#servicePid(node);
    if (pid === null) throw new Error(`Cannot kill the service on ${node}: it does not run`);
    process.kill(pid, 'SIGKILL');
    return pid;
  }

  proberPid(prober: string): number | undefined {
    return this.#probers.get(prober)?.pid;
  }

  /** The end of every prober's log, for the case that the demo fails. */
  logTails(): readonly string[] {
    return [...this.#probers.keys()].flatMap((prober) => {
      const lines = readFileSync(join(this.#place.folder, `${prober}.log`), 'utf8')
        .trim()
        .split('\n');
      return lines.slice(-LOG_LINES_SHOWN).map((line) => `${prober}: ${line}`);
    });
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#probers.values()].map(stop));
    for (const node of ['a', 'b'] as const) {
      const pid = this.#servicePid(node);
      if (pid !== null) process.kill(pid, 'SIGKILL');
    }
  }

  /** Null unless the process of that number still is the service: numbers are given away again. */
  #servicePid(node: NodeName): number | null {
    try {
      const pid = Number(readFileSync(join(this.#place.folder, 'node', `${node}.pid`), 'utf8'));
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('service.mjs') ? pid : null;
    } catch {
      return null;
    }
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), STOP_MAX_MS);
  await closed;
  clearTimeout(patience);
}

/** This Node.js comes first, so that the scripts find it under its usual name. */
function environment(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) };
}
