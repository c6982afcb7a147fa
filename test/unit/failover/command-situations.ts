// The situations in which a service can be when a person asks for something.
import type { MachineCommand } from '../../../src/failover/machine-command.ts';
import type { MachineState } from '../../../src/failover/service-state.ts';
import { activeState, at, down, failedMark, request, type StateChange, viewOf } from './machine-fixture.ts';

export const WORK = { reason: 'disk', actor: 'ann', sinceWallMs: 0, expiresAfterMs: 3_600_000 };
export const IDLE: StateChange = { service: { active: null }, breadcrumbs: { a: down(), b: down(2) }, grant: null };

function unassigned(looks: Parameters<typeof viewOf>[0]): MachineState {
  return activeState({ ...IDLE, local: { view: viewOf(looks) } });
}

export const STATES = {
  active: activeState(),
  running: at(activeState(), request({ kind: 'switchover', from: null, to: null, reason: 'x' })).state,
  maintenance: activeState({ service: { maintenance: WORK } }),
  nodeWork: activeState({ service: { nodeMaintenance: { b: WORK } } }),
  failed: activeState({ service: { failed: { b: failedMark('x', 'fenced') } } }),
  failedUp: activeState({
    service: { failed: { b: failedMark('x', 'fenced') } },
    local: { view: viewOf({ a: 'up', b: 'up' }) },
  }),
  onB: activeState({
    service: { active: 'b' },
    grant: { node: 'b', epoch: 1, revoked: false },
    breadcrumbs: { a: down(), b: { kind: 'maybe', version: 2, epoch: 1 } },
    local: { view: viewOf({ a: 'down', b: 'up' }) },
  }),
  idle: unassigned({ a: 'down', b: 'down' }),
  idleUp: unassigned({ a: 'up', b: 'down' }),
  idleTwo: unassigned({ a: 'up', b: 'up' }),
} as const;

export type Situation = keyof typeof STATES;

export const OK = 'accepted';
export const BUSY = 'S10.one-operation';

/** A command, and what it is answered in each situation. */
export type CommandRow = {
  readonly command: MachineCommand;
  readonly replies: Readonly<Partial<Record<Situation, string>>>;
};
