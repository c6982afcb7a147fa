// The one clock that all namespaces of a machine share and nobody steps: the kernel's uptime, in milliseconds.
import { readFileSync } from 'node:fs';

export function bootMs(): number {
  const [seconds = '0'] = readFileSync('/proc/uptime', 'utf8').split(' ');
  return Math.round(Number(seconds) * 1_000);
}
