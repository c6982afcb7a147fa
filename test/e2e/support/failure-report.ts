// What a person needs to know of a story that failed on a machine that is gone by then: what the cluster says of itself, and
// the ends of all logs. Printed by the test, because its directory is removed with it.
import type { TestContext } from 'node:test';
import type { Cluster } from './cluster.ts';
import { PROBERS, SERVICE } from './cluster-files.ts';

/** Of each log; CI keeps some megabytes of output. */
const LOG_TAIL_CHARS = 12_000;

/** Other texts by their titles, such as logs of servers. */
export type MoreToTell = () => Readonly<Record<string, string>>;

/** Runs a part of a story; when it fails, prints all that the cluster and `more` tell. */
export async function tellingFailure<T>(
  { t, cluster, more }: { readonly t: TestContext; readonly cluster: Cluster; readonly more: MoreToTell },
  part: () => Promise<T>,
): Promise<T> {
  try {
    return await part();
  } catch (error) {
    t.diagnostic(`failed at ${new Date().toISOString()}`);
    t.diagnostic(await failureReport(cluster, more()));
    throw error;
  }
}

/** Never throws: a cluster that does not answer has logs. */
export async function failureReport(cluster: Cluster, more: ReturnType<MoreToTell>): Promise<string> {
  const says = async (...argv: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await cluster
      .oneup(...argv)
      .catch((error: unknown) => ({ stdout: '', stderr: String(error) }));
    return `${stdout}${stderr}`;
  };
  const told = { why: await says('why', SERVICE), history: await says('history', SERVICE) };
  const logs = PROBERS.map((prober) => [`log of ${prober}`, quietly(() => cluster.prober(prober).log())] as const);
  return Object.entries({ ...told, ...Object.fromEntries(logs), ...more })
    .map(([title, text]) => `== ${title}\n${text.slice(-LOG_TAIL_CHARS)}`)
    .join('\n');
}

/** Empty for one that was never started. */
function quietly(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
