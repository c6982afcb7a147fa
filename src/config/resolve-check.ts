// Resolves a check for one node: its target with placeholders expanded, and its rhythm with defaults applied.
import type { CheckConfig, CheckOverride } from './config.ts';
import type { NodePlace } from './node-scope.ts';
import { resolveTarget } from './resolve-target.ts';
import { CHECK_KINDS, countKinds } from './schema/check-kinds-schema.ts';
import type { CheckWritten } from './schema/check-schema.ts';

/** `rhythm` is the check whose interval, timeout, fall, rise, minDown and recheck stand in for keys that are not written. */
export function resolveCheck(
  written: CheckWritten,
  { scope, path, rhythm }: NodePlace & { readonly rhythm: CheckWritten | null },
): CheckConfig {
  const intervalMs = written.interval ?? rhythm?.interval ?? DEFAULT_INTERVAL_MS;
  const timeoutMs = written.timeout ?? rhythm?.timeout ?? Math.min(DEFAULT_TIMEOUT_MS, intervalMs);
  const overrides = resolveOverrides(written, { scope, path }, timeoutMs);
  return {
    target: resolveTarget(written, { scope, path, proxyPath: [...path, 'proxy'], timeoutMs }),
    intervalMs,
    timeoutMs,
    fall: written.fall ?? rhythm?.fall ?? 3,
    rise: written.rise ?? rhythm?.rise ?? 2,
    // S24: a node is down after `fall` failures over at least this long; a shorter time than one interval must be written.
    minDownMs: written.minDown ?? rhythm?.minDown ?? intervalMs,
    recheckMs: written.recheck ?? rhythm?.recheck ?? Math.min(DEFAULT_RECHECK_MS, intervalMs),
    ...(overrides.length === 0 ? {} : { overrides }),
  };
}

const DEFAULT_INTERVAL_MS = 5_000;
const DEFAULT_TIMEOUT_MS = 3_000;
const DEFAULT_RECHECK_MS = 250;

/** The same check as single probers see it: what an override does not say stays as it is for everybody. */
function resolveOverrides(
  written: CheckWritten,
  { scope, path }: NodePlace,
  usualTimeoutMs: number,
): readonly CheckOverride[] {
  return Object.entries(written.overrides).map(([prober, override]) => {
    const at = [...path, 'overrides', prober];
    const timeoutMs = override.timeout ?? usualTimeoutMs;
    const ownAddress =
      override.address === undefined ? null : scope.textAt([...at, 'address'], { address: 'bare' }).text;
    const seen = ownAddress === null ? scope : scope.withAddress(ownAddress);
    const isOwn = countKinds(override, CHECK_KINDS) > 0;
    // A kind of its own goes its own way; the same kind goes the way of the others unless another one is written.
    const proxyPath = isOwn || override.proxy !== undefined ? [...at, 'proxy'] : [...path, 'proxy'];
    const look = isOwn ? override : { ...written, proxy: override.proxy ?? written.proxy };
    const target = resolveTarget(look, { scope: seen, path: isOwn ? at : path, proxyPath, timeoutMs });
    return { prober, target, timeoutMs };
  });
}
