// A role of oneup whose output goes into pipes that nobody reads any more, as when the daemon that collected its log has gone.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type CommandPlace, MAIN } from './run-oneup.ts';

/** The log goes past the streams of Node.js, warnings of Node.js itself do not: with a signal the process writes one. */
const WARNS_WHEN_TOLD = '--import=data:text/javascript,process.on(`SIGUSR2`,()=>process.emitWarning(`to_nobody`))';

export class UnreadProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  #said = '';

  constructor({ directory, env }: CommandPlace, argv: readonly string[]) {
    this.#child = spawn(process.execPath, [MAIN, ...argv], {
      cwd: directory,
      env: { ...process.env, ...env, NODE_OPTIONS: WARNS_WHEN_TOLD },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text;
    });
    this.#child.stdout?.resume();
  }

  /** What was read before the reader went. */
  get said(): string {
    return this.#said;
  }

  /** From now on every write of the process fails with EPIPE (pipe(7)), as that of one warning does at once. */
  async dropReader(): Promise<void> {
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream === null || stream.closed) continue;
      const closed = once(stream, 'close');
      stream.destroy();
      await closed;
    }
    this.#child.kill('SIGUSR2');
  }

  isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Its exit code; null: a signal has ended it. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    if (this.isRunning()) {
      const ended = once(this.#child, 'exit');
      this.#child.kill(signal);
      await ended;
    }
    return this.#child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL');
  }
}
