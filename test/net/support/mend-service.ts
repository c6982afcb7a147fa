// What a person would do after a storm, with the commands of the product: switch nodes on again, let blocked operations go on,
// bring failed nodes back, and see that somebody is active in the end.
import type { ServiceStatus } from '../../../src/controller/read-model.ts';
import type { MachineCommand } from '../../../src/failover/machine-command.ts';
import { waitUntil } from '../../e2e/support/wait-until.ts';
import { NODES, type NodeName, PROBERS } from './hosts.ts';

/** Several operations, one after the other, each with its timeouts. */
const PATIENCE_MS = 240_000;
const reason = 'after the storm';

/** Whatever world a service is in. */
export type Mendable = {
  readonly ready: () => Promise<void>;
  readonly service: () => Promise<ServiceStatus>;
  readonly command: (command: MachineCommand) => Promise<unknown>;
  /** Switches on what a fence device switched off. */
  readonly powerUp: () => void;
};

/** Brings a failed node back; one whose answer got lost is seen to be back already. */
export async function untilStandby(
  world: Pick<Mendable, 'service' | 'command'>,
  node: NodeName,
  why: string,
): Promise<void> {
  await waitUntil('the failed node to be a standby again', async () => {
    const { nodes } = await world.service();
    if (nodes.some((one) => one.node === node && one.failed === null)) return true;
    throw new Error(JSON.stringify(await world.command({ kind: 'rejoin', node, reason: why })));
  });
}

/** Resolves when one node is active, none is failed, and nothing is going on. */
export async function mendService(world: Mendable): Promise<void> {
  await world.ready();
  await waitUntil(
    'the service to be mended',
    async () => {
      const status = await world.service();
      // Who switches a node on while it is being fenced keeps the device from ever saying off.
      if (status.operation === null) world.powerUp();
      const next = nextCommand(status);
      if (next === null) return true;
      if (next !== 'wait') await world.command(next);
      throw new Error(JSON.stringify({ next, status }));
    },
    PATIENCE_MS,
  );
}

function nextCommand(status: ServiceStatus): MachineCommand | 'wait' | null {
  const { operation, tail, nodes, active } = status;
  if (operation !== null && operation.blocked !== null) return { kind: 'continue', opId: operation.opId, reason };
  if (operation !== null || tail !== null) return 'wait';
  const failed = nodes.find((node) => node.failed !== null);
  if (failed !== undefined) return { kind: 'rejoin', node: failed.node, reason };
  if (active === null) return { kind: 'switchover', from: null, to: NODES[0], reason };
  // Votes may be as old as the last session: only all of them, given anew, say that the active serves.
  const isSeen = nodes.some(
    ({ node, quorum, answering }) => node === active && quorum === 'up' && answering.length === PROBERS.length,
  );
  return isSeen && (status.state === 'active' || status.state === 'degraded') ? null : 'wait';
}
