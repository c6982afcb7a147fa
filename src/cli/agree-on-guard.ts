// Whether the guard of this machine is the one that the cluster knows: its memory of steps is as much a part of the truth as
// the store is, and a new, empty one would let an old step run again (S4, S12).
import { ERROR_CATALOGUE } from '../base/error-catalogue.ts';
import { storeKeys } from '../base/store-keys.ts';
import { remoteProbers } from '../config/check-locality.ts';
import type { Config } from '../config/config.ts';
import { localAddresses } from '../config/load.ts';
import { readGuardIdentity } from '../nodes/exec/read-guard-marks.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store.ts';
import { guardPath } from './guard-path.ts';

type GuardAgreement = { readonly kind: 'same' } | { readonly kind: 'other'; readonly reason: string };

export type AgreeOptions = {
  readonly store: Store;
  readonly config: Config;
  readonly uniqueId: () => string;
};

/** The first prober of a cluster writes the guard's identity down; everybody after compares. Safe to repeat. */
async function agreeOnGuard({ store, config, uniqueId }: AgreeOptions): Promise<GuardAgreement> {
  // Each machine has a guard of its own, and a start that needs a common one is refused there (S13).
  if (remoteProbers(config, localAddresses()).length > 0) return { kind: 'same' };
  const path = guardPath(config.cluster);
  const keys = storeKeys(config.cluster.name);
  const found = readGuardIdentity(path);
  if (!found.ok) return { kind: 'other', reason: found.error };
  const identity = found.value ?? '';
  const known = await store.get(keys.guard);
  if (known === null) {
    const guards = [{ kind: 'absent', key: keys.guard }] as const;
    const writes = [{ kind: 'put', key: keys.guard, value: identity }] as const;
    const result = await store.commit({ guards, writes, token: uniqueId() });
    if (result.kind === 'committed') return { kind: 'same' };
  }
  const agreed = known?.value ?? (await store.get(keys.guard))?.value;
  if (agreed === identity) return { kind: 'same' };
  return { kind: 'other', reason: `${path} is not the guard that this cluster began with` };
}

/** Says in the log what is wrong; a prober without the cluster's guard does not lead. Never rejects. */
export async function isGuardOfCluster(options: AgreeOptions, logger: Logger): Promise<boolean> {
  try {
    const agreed = await agreeOnGuard(options);
    if (agreed.kind === 'same') return true;
    const { remedy } = ERROR_CATALOGUE.ONEUP_GUARD_LOST;
    logger.error({ code: 'ONEUP_GUARD_LOST', remedy }, `${agreed.reason}; this prober does not lead`);
  } catch (error) {
    logger.warn({ err: error }, 'the guard cannot be compared with the store now; this prober does not lead');
  }
  return false;
}
