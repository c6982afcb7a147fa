// Proposes the configuration file as a person does on a busy machine: again, as long as the only thing against it is that a
// prober did not answer in time (S7).
import type { Cluster } from './cluster.ts';
import type { CommandResult } from './run-oneup.ts';
import { waitUntil } from './wait-until.ts';

/** Its last result: accepted, or refused for another reason. */
export async function reloadUntilAnswered(cluster: Cluster, ...argv: readonly string[]): Promise<CommandResult> {
  return waitUntil('every prober to answer a proposal', async () => {
    const result = await cluster.oneup('reload', ...argv);
    const isLate = result.code === 7 && /: no answer(?! in time)/.test(result.stdout + result.stderr);
    return isLate ? null : result;
  });
}
