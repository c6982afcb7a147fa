// All tries from one place: first the store, because it says who should be active, then everything else side by side.
import type { Config } from '../../config/config.ts';
import type { AppDeps } from '../app-deps.ts';
import type { Facts } from './facts.ts';
import { cleaned, type Finding } from './finding.ts';
import { judgeAgents } from './judge-agents.ts';
import { judgeChecks } from './judge-checks.ts';
import { queryDeps } from './query-action.ts';
import { runJobs } from './run-jobs.ts';
import { actionJobs } from './try-actions.ts';
import { alertJobs, nameServerJobs, referenceJobs } from './try-around.ts';
import { checkJobs } from './try-checks.ts';
import { fenceJobs } from './try-fence.ts';
import { providerJobs } from './try-providers.ts';
import { proxyJobs } from './try-proxies.ts';
import { tryStore } from './try-store.ts';

export type Looked = { readonly findings: readonly Finding[]; readonly facts: Facts | null };

export type TryOptions = {
  readonly config: Config;
  /** Whose vantage it is; null: that of a machine on which no prober looks. */
  readonly prober: string | null;
  readonly deps: AppDeps;
  readonly onProgress: (text: string) => void;
};

/** With the 10 s that the store and its members may take, all is over before a caller of the API gives up. */
const BUDGET_MS = 12_000;

/** Never rejects; changes nothing but a record of the store that vanishes at once. */
export async function tryEverything({ config, prober, deps, onProgress }: TryOptions): Promise<Looked> {
  const { clock, signal, parentEnv } = deps;
  onProgress(`the store (${config.cluster.store.kind})`);
  const { findings, facts } = await tryStore(config, deps);
  const queries = queryDeps(config, { clock, parentEnv, generation: facts?.generation ?? 0 });
  const activeOf = (service: string) => facts?.active[service] ?? null;
  const view = { clock, parentEnv, prober };
  const { jobs: checks, looks } = checkJobs(config, view);
  const jobs = [
    ...checks,
    ...proxyJobs(config, view),
    ...actionJobs(config, queries),
    ...fenceJobs(config, { ...queries, activeOf }),
    ...nameServerJobs(config, view),
    ...providerJobs(config, { clock }),
    ...referenceJobs(config, view),
    ...alertJobs(config, view),
  ];
  let done = 0;
  const others = await runJobs(jobs, {
    clock,
    signal,
    budgetMs: BUDGET_MS,
    onDone: ({ area, subject }) => {
      done += 1;
      onProgress(`${done} of ${jobs.length}: ${area} ${subject}`);
    },
  });
  const judged = config.services.flatMap((service) =>
    judgeChecks(
      service,
      activeOf(service.id),
      looks.filter((look) => look.service === service.id),
    ),
  );
  const all = [...findings, ...judged, ...others, ...judgeAgents(config, facts)];
  return { findings: all.map((finding) => cleaned(finding, config.secrets)), facts };
}
