// What the resolvers that the user lists still hold: each is asked after a write, and who holds the old answer once more when that
// must have expired. A resolver that keeps to the TTL is no laggard; one that goes on without is.
import type { Endpoint } from '../config/config.ts';
import type { ResolverReport } from '../failover/propagation-report.ts';
import { endpointText, type Look, type LookDeps, lookAtResolver } from './look-at-servers.ts';

/** Resolvers that hold the old answer for longer are told with the rest of their TTL, and not waited for. */
const RESOLVERS_WAIT_MS = 120_000;
const RESOLVER_ROUNDS_MAX = 4;
const SECOND_MS = 1_000;

type Asking = { readonly deps: LookDeps; readonly look: Look; readonly sinceMonoMs: number };

/** What is left of its TTL is honest: it is no laggard before that. */
export function isWaiting({ look }: ResolverReport): boolean {
  return look.kind === 'old' && look.ttlSeconds !== null && look.ttlSeconds > 0;
}

/** Each is asked once, and who holds the old answer again when that must have expired. */
export async function followResolvers(
  asking: Asking,
  endpoints: readonly Endpoint[],
): Promise<readonly ResolverReport[]> {
  const { deps, look, sinceMonoMs } = asking;
  const untilMonoMs = deps.clock.monotonicMs() + RESOLVERS_WAIT_MS;
  const reports = new Map<string, ResolverReport>();
  let late = endpoints;
  for (let round = 0; round < RESOLVER_ROUNDS_MAX && late.length > 0 && !look.signal.aborted; round += 1) {
    const seen = await Promise.all(late.map((endpoint) => lookAtResolver(deps, endpoint, look)));
    for (const found of seen) {
      const newAfterMs =
        found.look.kind === 'new' || found.look.kind === 'hidden'
          ? Math.round(deps.clock.monotonicMs() - sinceMonoMs)
          : null;
      reports.set(found.at, { ...found, newAfterMs });
    }
    late = late.filter((endpoint) => reports.get(endpointText(endpoint))?.look.kind === 'old');
    const restMs = Math.max(...late.map((endpoint) => heldMs(reports.get(endpointText(endpoint)))), 0) + SECOND_MS;
    if (late.length === 0 || deps.clock.monotonicMs() + restMs > untilMonoMs) break;
    await deps.clock.sleep(restMs, { signal: look.signal }).catch(() => undefined);
  }
  return [...reports.values()];
}

export function heldMs(report: ResolverReport | undefined): number {
  return report?.look.kind === 'old' ? (report.look.ttlSeconds ?? 0) * SECOND_MS : 0;
}
