// The belt to the rules of reload (S7): a record may name a node that the configuration in force does not list. That node may be
// running and nobody would ask it for proof (S19), so nothing is started until it is listed again.
import type { NodeId } from '../base/ids.ts';
import type { Refusal } from './refusal.ts';
import type { MachineState } from './service-state.ts';

/** Why nothing may start beside a holder that is not configured; null when there is none. */
export function strayHolder({ rules, service, grant }: MachineState): Refusal | null {
  if (!rules.exclusive) return null;
  const holders: readonly (NodeId | null)[] = [service.active, grant?.revoked === false ? grant.node : null];
  const stray = holders.find((holder) => holder !== null && !rules.nodes.some(({ id }) => id === holder));
  if (stray === undefined || stray === null) return null;
  return {
    rule: 'S7.holder-not-listed',
    reason: `node ${stray} is active or holds the grant of ${rules.id}, and the configuration in force does not list it`,
    remedy: `Put node ${stray} back in the file, run oneup reload, then move the service away from it`,
  };
}
