// What lies over a service beside its operations, for `status`: modes that people set, brakes that run out, what is planned for
// later, and the alerts that are open. Ages are those of the records, never a comparison of two machines' clocks (S1).
import type { NodeId } from '../base/ids.ts';
import type {
  AgedOperation,
  DrillReturn,
  MachineState,
  Maintenance,
  Mode,
  OpenAlert,
  ScheduledMove,
} from '../failover/service-state.ts';

/** `isExpired`: its own time is over, and the controller has told so; it goes on until a person ends it (S35). */
export type MaintenanceStatus = Maintenance & { readonly isExpired: boolean };

export type Overlays = {
  readonly maintenance: MaintenanceStatus | null;
  readonly frozen: Mode | null;
  readonly closedGates: Readonly<Record<string, Mode>>;
  /** `leftAtMostMs`: ages are written down from time to time only, so what is left may be less than this prober knows. */
  readonly cooldown: { readonly opId: string; readonly leftAtMostMs: number } | null;
  readonly budget: { readonly used: number; readonly count: number; readonly perMs: number };
  readonly restarts: { readonly used: number; readonly attempts: number };
  readonly scheduled: ScheduledMove | null;
  /** A live drill that has moved away and will come back. */
  readonly drill: DrillReturn | null;
  readonly alerts: readonly OpenAlert[];
};

/** `sinceMs`: how long ago the age of the cooldown was read. */
export function readOverlays(
  { service, rules }: MachineState,
  sinceMs: (cooldown: AgedOperation) => number = () => 0,
): Overlays {
  const { cooldown, maintenance, frozen, closedGates, scheduled, drill, alerts } = service;
  const agedMs = cooldown === null ? 0 : cooldown.agedMs + sinceMs(cooldown);
  const leftAtMostMs = Math.max(0, Math.floor(rules.cooldownMs - agedMs));
  return {
    maintenance: maintenance === null ? null : maintenanceStatus(alerts, maintenance, 'service'),
    frozen,
    closedGates,
    cooldown: cooldown === null ? null : { opId: cooldown.opId, leftAtMostMs },
    budget: { used: service.automaticOps.length, ...rules.budget },
    restarts: { used: service.restarts.length, attempts: rules.restart.attempts },
    scheduled,
    drill,
    alerts,
  };
}

export function nodeMaintenance({ service }: MachineState, node: NodeId): MaintenanceStatus | null {
  const found = service.nodeMaintenance[node];
  return found === undefined ? null : maintenanceStatus(service.alerts, found, node);
}

function maintenanceStatus(alerts: readonly OpenAlert[], entry: Maintenance, scope: string): MaintenanceStatus {
  return { ...entry, isExpired: alerts.some(({ id }) => id === `${scope}:S35.maintenance-expired`) };
}
