// One look by every check of every node, as the prober of this vantage would run it; and through which proxies.
import type { Clock } from '../../base/clock.ts';
import type { ParentEnvironment } from '../../base/parent-environment.ts';
import type { CheckTarget, ProxyTarget } from '../../config/check-target.ts';
import type { CheckConfig, Config, NodeConfig, ServiceConfig } from '../../config/config.ts';
import { runCheck } from '../../probe/run-check.ts';
import type { CheckName, NodeLook } from './judge-checks.ts';
import type { Job } from './run-jobs.ts';

export type LookDeps = {
  readonly clock: Clock;
  readonly parentEnv: ParentEnvironment;
  /** Whose view of the checks; null: nobody's, so the targets as they are written for all. */
  readonly prober: string | null;
};

/** A check that may take a minute is looked at for as long as the command can wait. */
const CHECK_MAX_MS = 10_000;
/** The check gives its own reason a moment before the job would give up on it. */
const GRACE_MS = 500;

/** `looks` is filled while the jobs run. */
export function checkJobs(
  { services }: Config,
  deps: LookDeps,
): { readonly jobs: readonly Job[]; readonly looks: NodeLook[] } {
  const looks: NodeLook[] = [];
  const jobs = services.filter(isLookedAt(deps)).flatMap((service) =>
    service.nodes.flatMap((node) =>
      checksOf(node).map(({ name, check, isActiveCheck }): Job => {
        const { target, timeoutMs } = asSeen(check, deps);
        const ms = Math.min(timeoutMs, CHECK_MAX_MS);
        return {
          area: 'check',
          subject: `${service.id}/${node.id} ${name}`,
          timeoutMs: ms + GRACE_MS,
          run: async (signal) => {
            const deadline = new AbortController();
            const timer = deps.clock.timer(ms, () => deadline.abort(new Error('no answer in time')));
            const looked = await runCheck(target, { ...deps, signal: AbortSignal.any([signal, deadline.signal]) });
            timer.stop();
            looks.push({ service: service.id, node: node.id, name, isActiveCheck, result: looked.result });
            return [];
          },
        };
      }),
    ),
  );
  return { jobs, looks };
}

/** The proxies that the checks of this vantage go through. */
export function proxiesOfChecks({ services }: Config, deps: LookDeps): readonly ProxyTarget[] {
  return services
    .filter(isLookedAt(deps))
    .flatMap(({ nodes }) => nodes.flatMap((node) => checksOf(node).map(({ check }) => asSeen(check, deps).target)))
    .flatMap(proxiesOf);
}

type NamedCheck = { readonly name: CheckName; readonly check: CheckConfig; readonly isActiveCheck: boolean };

function checksOf({ check, activeCheck, standbyCheck }: NodeConfig): readonly NamedCheck[] {
  const isOne = activeCheck === check;
  return [
    { name: 'check', check, isActiveCheck: isOne },
    ...(isOne ? [] : [{ name: 'activeCheck', check: activeCheck, isActiveCheck: true } as const]),
    ...(standbyCheck === null ? [] : [{ name: 'standbyCheck', check: standbyCheck, isActiveCheck: false } as const]),
  ];
}

function isLookedAt({ prober }: LookDeps): (service: ServiceConfig) => boolean {
  return ({ probers }) => prober === null || probers.some(({ id }) => id === prober);
}

function asSeen({ target, timeoutMs, overrides = [] }: CheckConfig, { prober }: LookDeps) {
  return overrides.find((override) => override.prober === prober) ?? { target, timeoutMs };
}

function proxiesOf(target: CheckTarget): readonly ProxyTarget[] {
  if (target.kind === 'group') return target.parts.flatMap(proxiesOf);
  return 'proxy' in target && target.proxy != null ? [target.proxy] : [];
}
