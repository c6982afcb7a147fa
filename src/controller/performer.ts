// What every effect is done with: the controller's ports, the right to act, and where the outcome goes as an event.
import type { NodeId, ServiceId } from '../base/ids.ts';
import type { MachineEvent } from '../failover/machine-event.ts';
import type { Operation } from '../failover/operation.ts';
import type { MachineState } from '../failover/service-state.ts';
import type { ActionContext } from '../ports/node-driver.ts';
import type { ControllerDeps, Tenure } from './controller-deps.ts';
import type { LastWrites } from './last-writes.ts';
import type { SweepSlots } from './sweep-slots.ts';

export type Performer = {
  readonly deps: ControllerDeps;
  readonly tenure: Tenure;
  readonly sweeps: SweepSlots;
  /** What this controller wrote last for each service; a successor goes by what the servers say. */
  readonly writes: LastWrites;
  readonly report: (event: MachineEvent) => void;
};

/** One question of the sweep, so that it can be given up. */
export function sweepName(service: ServiceId, node: NodeId): string {
  return `${service}/${node}`;
}

/** What an action is told; the node is the operation's target unless the caller names another. */
export function actionContext(
  deps: ControllerDeps,
  state: MachineState,
  op: Operation | null,
  step: number,
): ActionContext {
  return {
    cluster: deps.config.cluster.name,
    service: state.rules.id,
    node: op?.to ?? op?.from ?? '',
    generation: deps.generation,
    epoch: state.service.epoch,
    step,
    opId: op?.opId ?? '',
    from: op?.from ?? null,
    to: op?.to ?? null,
  };
}
