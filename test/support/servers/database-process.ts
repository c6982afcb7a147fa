// A database server as a child of the test: in a directory of its own, as a user who is not root, ended by its process id.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A busy machine takes its time to start a server. */
const READY_WITHIN_MS = 60_000;
const GONE_WITHIN_MS = 60_000;
const LINES_KEPT = 4_000;

export type Unprivileged = { readonly uid?: number; readonly gid?: number };

/** Who runs servers that refuse root; nothing to change where the test is not root itself. */
export function unprivileged(): Unprivileged {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string) => Number(spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout);
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** A directory that the user of the servers owns. */
export function makeServerDirectory(name: string): string {
  const directory = mkdtempSync(join(tmpdir(), `oneup-${name}-`));
  const { uid, gid } = unprivileged();
  if (uid !== undefined && gid !== undefined) chownSync(directory, uid, gid);
  chmodSync(directory, 0o700);
  return directory;
}

export function removeServerDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
}

/** Where the program is, or an error that says which package brings it. */
export function findProgram(
  name: string,
  { extra, debianPackage }: { extra: readonly string[]; debianPackage: string },
) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...extra];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined) {
    throw new Error(`Cannot start ${name}: it is not installed; install the Debian package ${debianPackage}`);
  }
  return found;
}

/** Sub-folders such as `/usr/lib/postgresql/15/bin`, newest version first. */
export function versionFolders(root: string, inside: string): readonly string[] {
  if (!existsSync(root)) return [];
  const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(root, version, inside));
}

/** Runs a program to its end; throws with what it said when it failed. */
export function runProgram(program: string, args: readonly string[], input = ''): string {
  const done = spawnSync(program, args, { ...unprivileged(), cwd: tmpdir(), input, encoding: 'utf8', timeout: 60_000 });
  if (done.status === 0) return done.stdout;
  throw new Error(`${program} failed: ${done.error?.message ?? ''}${done.stdout}${done.stderr}`);
}

export class DatabaseProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #output = '';
  #hasExited = false;

  constructor(program: string, args: readonly string[]) {
    this.#child = spawn(program, args, { ...unprivileged(), cwd: tmpdir(), stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-LINES_KEPT);
      });
    }
    this.#exited = new Promise((resolve) => {
      this.#child.once('error', resolve);
      this.#child.once('exit', resolve);
    });
    // A runner that ends in a hurry leaves no server behind.
    const end = () => this.signalAll('SIGKILL');
    process.once('exit', end);
    void this.#exited.then(() => {
      this.#hasExited = true;
      process.off('exit', end);
    });
  }

  /** Asks until `isReady`, or throws with what the server said. */
  async waitUntil(isReady: () => Promise<boolean>): Promise<void> {
    const until = performance.now() + READY_WITHIN_MS;
    while (!(await isReady())) {
      if (this.#hasExited || performance.now() > until) throw new Error(`The server did not start:\n${this.#output}`);
      await sleep(50);
    }
  }

  /** The process and those it has started: stopping the first alone would leave the connections served. */
  signalAll(signal: NodeJS.Signals): void {
    for (const pid of this.#family()) signalPid(pid, signal);
  }

  /** As a power cut: nobody is told, nothing is flushed. Resolves when the last of them is gone, with all that it held. */
  async kill(): Promise<void> {
    // Whoever stands still starts nobody between the list and the end.
    if (!this.#hasExited && this.#child.pid !== undefined) signalPid(this.#child.pid, 'SIGSTOP');
    const family = this.#family();
    for (const pid of family) signalPid(pid, 'SIGKILL');
    if (!this.#hasExited) await this.#exited;
    for (const until = performance.now() + GONE_WITHIN_MS; family.some(isAlive); await sleep(10)) {
      if (performance.now() > until) throw new Error(`Processes of the server are still there: ${family.join(', ')}`);
    }
  }

  #family(): readonly number[] {
    const { pid } = this.#child;
    if (pid === undefined || this.#hasExited) return [];
    return [pid, ...childrenOf(pid)];
  }
}

function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function signalPid(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** One that nobody has waited for yet holds nothing any more: state Z or X of /proc/pid/stat (proc(5)). */
function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !/^ [ZX]/.test(stat.slice(stat.lastIndexOf(')') + 1));
  } catch {
    return false;
  }
}
