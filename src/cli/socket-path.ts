// Where a prober's socket is: the same for `oneup run`, which opens it, and for the commands, which look for it.
import { join } from 'node:path';
import type { ProberId } from '../base/ids.ts';

export function socketPath(stateDir: string, prober: ProberId): string {
  return join(stateDir, prober, 'api.sock');
}
