// Brakes that run out by themselves: cooldown, budget, restarts, failures and maintenance, with ages that travel from controller to
// controller because clocks of two machines are never compared (S1, S36).
import { agedMaintenance, isMaintenanceAge } from './maintenance-expiry.ts';
import { agedOperations, mapAged } from './node-failures.ts';
import type { AgedOperation } from './service-state.ts';
import { patchLocal, patchService, type Transition } from './transition.ts';

/** How far an age is written down: a new controller counts on from there, and loses no more than this. */
const AGE_STEP_MS = 300_000;

/** Takes out of the records what has run out, and writes ages down from time to time. */
export function expireBrakes(t: Transition): void {
  const older = agedMaintenance(t.state, { now: t.now, stepMs: AGE_STEP_MS });
  if (older !== null) patchService(t, older);
  const { rules, service, local } = t.state;
  const ageMs = (opId: string) => t.now.monoMs - (local.firstSeenMonoMs[opId] ?? t.now.monoMs);
  const limitMs = {
    automatic: rules.budget.perMs,
    cooldown: rules.cooldownMs,
    restart: rules.restart.perMs,
    failure: rules.failureThreshold.perMs,
  };
  const known = agedOperations(service);
  const kept = mapAged(service, (entry, kind) => (ageMs(entry.opId) < limitMs[kind] ? entry : null));
  const isShorter = agedOperations({ ...service, ...kept }).length < known.length;
  const isOlder = known.some(({ opId, agedMs }) => ageMs(opId) - agedMs >= AGE_STEP_MS);
  if (isShorter) forgetAges(t, agedOperations({ ...service, ...kept }));
  if (!isShorter && !isOlder) return;
  const aged = ({ opId }: AgedOperation): AgedOperation => ({ opId, agedMs: Math.floor(ageMs(opId)) });
  patchService(t, isOlder ? mapAged({ ...service, ...kept }, aged) : kept);
}

/** What counts no longer is not measured any more, so that a long term does not gather the ages of all it ever did. */
function forgetAges(t: Transition, counted: readonly AgedOperation[]): void {
  const ids = new Set(counted.map(({ opId }) => opId));
  const kept = Object.entries(t.state.local.firstSeenMonoMs).filter(([key]) => ids.has(key) || isMaintenanceAge(key));
  patchLocal(t, { firstSeenMonoMs: Object.fromEntries(kept) });
}
