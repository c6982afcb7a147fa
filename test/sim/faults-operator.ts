// What operators do at random, sensible or not. What they say about a node is true: no protocol survives a false word.
import type { MachineCommand } from '../../src/failover/machine-command.ts';
import type { Breadcrumb } from '../../src/failover/service-state.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { Act } from './faults.ts';
import { pickFrom } from './sim-world.ts';

const EXPIRES_MS = 60_000;

const operator: Act = (world, draw) => {
  const node = pickFrom(draw, world.places).node.id;
  const maintenance = { kind: 'maintenance', reason: 'sim', expiresAfterMs: EXPIRES_MS } as const;
  const choices: readonly [MachineCommand, ...MachineCommand[]] = [
    { kind: 'switchover', from: null, to: node, reason: 'sim' },
    { kind: 'switchover', from: null, to: node, reason: 'sim' },
    { kind: 'switchover', from: null, to: null, reason: 'sim' },
    { kind: 'failback', reason: 'sim' },
    { kind: 'adopt', node, reason: 'sim' },
    { kind: 'rejoin', node, reason: 'sim' },
    { kind: 'rejoin', node, reason: 'sim' },
    { ...maintenance, on: true, node: null },
    { ...maintenance, on: false, node: null },
    { ...maintenance, on: false, node: null },
    { ...maintenance, on: true, node },
    { ...maintenance, on: false, node },
  ];
  world.command(draw.pick(choices));
  return undefined;
};

const confirmDown: Act = (world) => {
  const [place] = world.places.filter(({ node, scripts }) => !node.isAlive && !scripts.isBusy);
  if (place === undefined) return undefined;
  const { id } = place.node;
  const crumb = JSON.parse(world.engine.get(world.keys.breadcrumb('web', id))?.value ?? 'null') as Breadcrumb | null;
  world.command({ kind: 'confirmDown', node: id, reason: 'sim', version: crumb?.version ?? 0 });
  return undefined;
};

export const OPERATOR_FAULTS = { operator, 'confirm-down': confirmDown } as const satisfies Partial<
  Record<FaultKind, Act>
>;
