// Starts a process of a test and reads what it prints, line by line. Disposing kills it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A child that says nothing for this long fails its test instead of holding it up. */
const SILENT_MAX_MS = 20_000;

export type StartedChild = AsyncDisposable & {
  readonly process: ChildProcess;
  /** The next line; throws when the child ends, or is silent for too long. */
  readonly line: () => Promise<string>;
  /** Lines that were printed and not read, after the child has ended. */
  readonly rest: () => Promise<readonly string[]>;
  readonly kill: () => Promise<void>;
};

export function startChild(command: readonly [string, ...string[]]): StartedChild {
  const [file, ...args] = command;
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  async function line(): Promise<string> {
    const patience = setTimeout(() => child.kill('SIGKILL'), SILENT_MAX_MS);
    try {
      const { value, done } = await lines.next();
      if (done) throw new Error(`Cannot read from child: it ended, value was ${command.join(' ')}`);
      return value;
    } finally {
      clearTimeout(patience);
    }
  }

  async function kill(): Promise<void> {
    child.kill('SIGKILL');
    await closed;
  }

  async function rest(): Promise<readonly string[]> {
    const left: string[] = [];
    for (let next = await lines.next(); !next.done; next = await lines.next()) left.push(next.value);
    return left;
  }

  return { process: child, line, rest, kill, [Symbol.asyncDispose]: kill };
}
