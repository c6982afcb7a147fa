// The file in which an agent says what its node is, for `run-if-active` and for people. It is replaced, never written over, and
// not flushed: what is in it means nothing after the next boot.
import { open, rename } from 'node:fs/promises';
import type { ServiceId } from '../base/ids.ts';
import type { NodeState, ServiceState } from '../ports/node-state.ts';

export type StateFileOptions = {
  readonly path: string;
  readonly cluster: string;
  readonly bootId: string;
  readonly bootMs: () => number;
  /** Told of the first write that fails after one that did not. Readers refuse what grows old. */
  readonly onFault: (error: unknown) => void;
};

export type PublishState = (services: Readonly<Record<ServiceId, ServiceState>>) => void;

/** Crontabs of every user read it. */
const MODE = 0o644;

/** Returns at once and never throws. While a disk is slow only the newest state waits for it. */
export function openStateFile(options: StateFileOptions): PublishState {
  const { path, cluster, bootId, bootMs, onFault } = options;
  let waiting: NodeState | null = null;
  let isWriting = false;
  let hasFailed = false;

  async function writeAll(): Promise<void> {
    isWriting = true;
    while (waiting !== null) {
      const text = `${JSON.stringify(waiting)}\n`;
      waiting = null;
      try {
        await replace(path, text);
        hasFailed = false;
      } catch (error) {
        if (!hasFailed) onFault(error);
        hasFailed = true;
      }
    }
    isWriting = false;
  }

  return (services) => {
    waiting = { format: 1, cluster, bootId, writtenBootMs: bootMs(), services };
    if (!isWriting) void writeAll();
  };
}

/** Only one agent has this directory, so one name is enough for what is unfinished. */
async function replace(path: string, text: string): Promise<void> {
  const unfinished = `${path}.new`;
  await using file = await open(unfinished, 'w', MODE);
  // Whatever the umask of the agent is.
  await file.chmod(MODE);
  await file.writeFile(text);
  await rename(unfinished, path);
}
