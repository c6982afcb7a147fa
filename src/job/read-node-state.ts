// Reads what the agent wrote about its node. A file that is missing, damaged, too large or no file at all is a reason to refuse,
// never a reason to wait or to fail.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { err, ok, type Result } from '../base/result.ts';
import type { NodeState, ServiceState } from '../ports/node-state.ts';

/** All services that a keeper takes fit many times. */
const FILE_BYTES_MAX = 1_024 * 1_024;

/** Never throws. The error is the reason. */
export function readNodeState(path: string): Result<NodeState, string> {
  const text = readText(path);
  return text.ok ? parseNodeState(text.value) : text;
}

function parseNodeState(text: string): Result<NodeState, string> {
  const value = parseObject(text);
  if (value === null) return err('the state file is damaged');
  if (value.format !== 1) return err('the state file is of another version of oneup');
  const { bootId, writtenBootMs, cluster, services } = value;
  const isWhole =
    typeof bootId === 'string' && typeof cluster === 'string' && isTime(writtenBootMs) && isObject(services);
  if (!isWhole || !Object.values(services).every(isServiceState)) return err('the state file is damaged');
  return ok(value as unknown as NodeState);
}

function readText(path: string): Result<string, string> {
  let fd: number | null = null;
  try {
    // A pipe that nobody writes to must not hold us up.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!fstatSync(fd).isFile()) return err('the state file is no file');
    const buffer = Buffer.alloc(FILE_BYTES_MAX + 1);
    const length = readSync(fd, buffer);
    return length > FILE_BYTES_MAX ? err('the state file is too large') : ok(buffer.toString('utf8', 0, length));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return err(code === 'ENOENT' ? 'there is no state file, so no agent' : `the state file cannot be read, ${code}`);
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isServiceState(value: unknown): value is ServiceState {
  if (!isObject(value)) return false;
  const { node, epoch, role, activeUntilBootMs, renewedBootMs, renewEveryMs } = value;
  const times = [activeUntilBootMs, renewedBootMs, renewEveryMs];
  const isNamed = typeof node === 'string' && typeof role === 'string';
  return isNamed && Number.isSafeInteger(epoch) && times.every((time) => time === null || isTime(time));
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
