// Milliseconds that also pass while the machine is suspended (CLOCK_BOOTTIME), for the deadlines of holders (S2).
// Linux shows them in /proc/uptime with a grain of 10 ms; the error is always an early reading, and the margin m of S1
// is two hundred times larger.
import { closeSync, openSync, readSync } from 'node:fs';

export type BootClock = Disposable & { readonly nowMs: () => number };

type Readings = { readonly monotonicMs: () => number; readonly wallMs: () => number };

export const UPTIME_PATH = '/proc/uptime';
/** "1234567.89 7654321.00\n" fits many times over. */
const UPTIME_BYTES_MAX = 128;
const UPTIME_SHAPE = /^(\d+\.\d+) \d+\.\d+\s*$/;

/** Keeps `path` open for the life of the process: one read system call per reading, no open. */
export function openBootClock(path: string, readings: Readings): BootClock {
  const fd = openForReading(path);
  if (fd === null) return fallback(readings);
  const buffer = Buffer.alloc(UPTIME_BYTES_MAX);
  if (readUptimeMs(fd, buffer) === null) {
    closeSync(fd);
    return fallback(readings);
  }
  return {
    nowMs: () => {
      const uptimeMs = readUptimeMs(fd, buffer);
      // Falling back in mid-flight would jump to another time scale and could lengthen a deadline.
      if (uptimeMs === null) throw new Error(`Cannot read the clock that counts suspension: ${path} changed its form`);
      return uptimeMs;
    },
    [Symbol.dispose]: () => closeSync(fd),
  };
}

function openForReading(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch {
    // No such file on this system: the fallback of S2 is meant for exactly this.
    return null;
  }
}

function readUptimeMs(fd: number, buffer: Buffer): number | null {
  const length = readSync(fd, buffer, 0, UPTIME_BYTES_MAX, 0);
  const seconds = UPTIME_SHAPE.exec(buffer.toString('latin1', 0, length))?.[1];
  return seconds === undefined ? null : Math.round(Number(seconds) * 1_000);
}

/** max(monotonic, wall), both counted from now, never going back when the wall clock is set back (S2). */
function fallback({ monotonicMs, wallMs }: Readings): BootClock {
  const startMonoMs = monotonicMs();
  const startWallMs = wallMs();
  let latestMs = 0;
  return {
    nowMs: () => {
      latestMs = Math.max(latestMs, monotonicMs() - startMonoMs, wallMs() - startWallMs);
      return latestMs;
    },
    [Symbol.dispose]: () => {},
  };
}

/** One reading that other processes of this boot read too; null where the kernel shows none, and nothing stands in for it (S2). */
export function readBootMs(path: string = UPTIME_PATH): number | null {
  const fd = openForReading(path);
  if (fd === null) return null;
  try {
    return readUptimeMs(fd, Buffer.alloc(UPTIME_BYTES_MAX));
  } finally {
    closeSync(fd);
  }
}
