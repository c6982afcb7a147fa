// Asks each proxy of checks and hooks once whether it takes connections, so that a fault of it is told from one of what is behind.
import type { ProxyTarget } from '../../config/check-target.ts';
import type { Config } from '../../config/config.ts';
import { runCheck } from '../../probe/run-check.ts';
import { namedActions } from './named-actions.ts';
import type { Job } from './run-jobs.ts';
import { type LookDeps, proxiesOfChecks } from './try-checks.ts';

const PROXY_MAX_MS = 3_000;

export function proxyJobs(config: Config, deps: LookDeps): readonly Job[] {
  const ofHooks = namedActions(config).flatMap(({ action }): readonly ProxyTarget[] =>
    action.driver === 'http' && action.proxy !== null ? [action.proxy] : [],
  );
  const byPlace = new Map([...proxiesOfChecks(config, deps), ...ofHooks].map((proxy) => [placeOf(proxy), proxy]));
  return [...byPlace].map(([subject, { host, port }]) => ({
    area: 'proxy',
    subject,
    timeoutMs: PROXY_MAX_MS,
    run: async (signal) => {
      const { result } = await runCheck({ kind: 'tcp', host, port }, { ...deps, signal });
      const isOk = result.kind === 'pass';
      return [
        { area: 'proxy', subject, outcome: isOk ? 'ok' : 'wrong', says: isOk ? 'takes connections' : result.reason },
      ];
    },
  }));
}

export function placeOf(proxy: ProxyTarget | null): string {
  return proxy === null ? '' : `${proxy.kind} ${proxy.host}:${proxy.port}`;
}
