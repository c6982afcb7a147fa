// Starts small servers of Debian for checks: Redis, BIND and proxies, each on a free port with a directory of its own, as a
// user who is not root, ended by its process id.
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  DatabaseProcess,
  findProgram,
  makeServerDirectory,
  removeServerDirectory,
  unprivileged,
} from './database-process.ts';
import { freePort } from './free-port.ts';
import { isListening } from './is-listening.ts';

export type SmallServer = AsyncDisposable & {
  readonly port: number;
  readonly setStopped: (stopped: boolean) => void;
};

export type SmallServerPlan = {
  readonly program: string;
  readonly debianPackage: string;
  /** A free port that others had to know before [one that is found]. */
  readonly port?: number;
  /** Words after the program, for the port and the directory that were chosen. */
  readonly args: (place: { readonly port: number; readonly directory: string }) => readonly string[];
  /** Files of the directory, by their relative paths. */
  readonly files?: (place: { readonly port: number; readonly directory: string }) => Readonly<Record<string, string>>;
  /** What is left to do before it starts, such as filling a database that `files` made room for. */
  readonly prepare?: (place: { readonly port: number; readonly directory: string }) => void;
};

export async function startSmallServer(plan: SmallServerPlan): Promise<SmallServer> {
  const directory = makeServerDirectory(plan.program);
  try {
    const port = plan.port ?? (await freePort());
    const place = { port, directory };
    for (const [name, text] of Object.entries(plan.files?.(place) ?? {})) writeOwned(join(directory, name), text);
    plan.prepare?.(place);
    const program = findProgram(plan.program, {
      extra: ['/usr/sbin', '/usr/local/sbin'],
      debianPackage: plan.debianPackage,
    });
    const server = new DatabaseProcess(program, plan.args(place));
    try {
      await server.waitUntil(() => isListening(port));
    } catch (error) {
      await server.kill();
      throw error;
    }
    return {
      port,
      setStopped: (stopped) => server.signalAll(stopped ? 'SIGSTOP' : 'SIGCONT'),
      [Symbol.asyncDispose]: async () => {
        await server.kill();
        removeServerDirectory(directory);
      },
    };
  } catch (error) {
    removeServerDirectory(directory);
    throw error;
  }
}

function writeOwned(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  const { uid, gid } = unprivileged();
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}
