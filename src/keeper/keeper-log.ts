// What the keeper says of itself: one JSON line for each thing it did, to a file in its state directory. It writes in the
// background and drops lines rather than wait, because a disk that hangs must not keep it from killing in time.
import type { FileHandle } from 'node:fs/promises';
import { openLog } from './service-log.ts';

export type KeeperLog = (data: object, message: string) => void;

/** More lines than this wait only for a disk that hangs. */
const WAITING_MAX = 1_000;

export function createKeeperLog(options: { readonly path: string; readonly wallMs: () => number }): KeeperLog {
  const waiting: string[] = [];
  const state = { isWriting: false, droppedCount: 0 };

  async function write(): Promise<void> {
    state.isWriting = true;
    let log: FileHandle | null = null;
    try {
      log = await openLog(options.path);
      while (waiting.length > 0) await log.write(waiting.splice(0).join(''));
    } catch {
      // A full or broken disk: these lines are lost, and the next one says how many.
      state.droppedCount += waiting.splice(0).length;
    }
    await log?.close().catch(() => {});
    state.isWriting = false;
  }

  return (data, message) => {
    const dropped = state.droppedCount === 0 ? {} : { linesLost: state.droppedCount };
    if (waiting.length >= WAITING_MAX) {
      state.droppedCount += 1;
      return;
    }
    state.droppedCount = 0;
    const time = new Date(options.wallMs()).toISOString();
    waiting.push(`${JSON.stringify({ time, ...data, ...dropped, message })}\n`);
    if (!state.isWriting) void write();
  };
}
