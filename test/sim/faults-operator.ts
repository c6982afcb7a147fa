// What operators do at random, sensible or not. What they say about a node is true: no protocol survives a false word.
import { readClusterStatus } from '../../src/controller/read-model.ts';
import { readWhy } from '../../src/controller/read-why.ts';
import type { MachineCommand } from '../../src/failover/machine-command.ts';
import type { Breadcrumb } from '../../src/failover/service-state.ts';
import type { Draw } from './draw.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { Act } from './faults.ts';
import { setCommand } from './set/set-operator.ts';
import { pickFrom, type SimWorld } from './sim-world.ts';

const EXPIRES_MS = 60_000;
const HOLD_MS = 300;
const reason = 'sim';

/** What a person would do who looks at the service: end a mode, bring a failed node back, adopt what runs. */
function sensible({ history, places }: SimWorld, draw: Draw): MachineCommand | null {
  const { service, operation } = history.records;
  if (service === null) return null;
  if (operation !== null && draw.chance(0.6)) {
    return { kind: draw.pick(['abort', 'abort', 'rollback', 'continue'] as const), opId: operation.opId, reason };
  }
  const [failed] = Object.keys(service.failed);
  const [worked] = Object.keys(service.nodeMaintenance);
  const running = places.find(({ node }) => node.isAlive)?.node.id;
  if (service.frozen !== null) return { kind: 'freeze', on: false, reason };
  if (service.maintenance !== null) return maintenance(false, null);
  if (worked !== undefined && draw.chance(0.5)) return maintenance(false, worked);
  if (failed !== undefined) return { kind: 'rejoin', node: failed, reason };
  if (service.active === null && running !== undefined) return { kind: 'adopt', node: running, reason };
  return null;
}

function maintenance(on: boolean, node: string | null): MachineCommand {
  return { kind: 'maintenance', on, node, reason, expiresAfterMs: on ? EXPIRES_MS : 0 };
}

function anything(world: SimWorld, draw: Draw): MachineCommand {
  const node = pickFrom(draw, world.places).node.id;
  const opId = world.history.records.operation?.opId ?? 'none';
  const moves: readonly MachineCommand[] = [
    { kind: 'switchover', from: null, to: node, waitsForTtl: draw.chance(0.5), reason },
    { kind: 'switchover', from: null, to: null, waitsForTtl: false, reason },
    { kind: 'failover', to: node, overrides: ['S36.cooldown', 'S32.precheck-failed'], reason },
    { kind: 'drill', live: draw.chance(0.7), to: null, holdMs: HOLD_MS, reason },
    { kind: 'failback', reason },
    { kind: 'adopt', node, reason },
    { kind: 'rejoin', node, reason },
  ];
  const words: readonly MachineCommand[] = [
    { kind: draw.pick(['abort', 'rollback', 'continue'] as const), opId, reason },
    { kind: 'freeze', on: true, reason },
    { kind: 'clearFailures', node: null, reason },
    { kind: 'repair', node, rootCause: null, reason },
    maintenance(true, null),
    maintenance(true, node),
  ];
  return pickFrom(draw, draw.chance(0.65) ? moves : words);
}

const operator: Act = (world, draw) => {
  if (world.set !== null) {
    world.command(setCommand(world, draw));
    return undefined;
  }
  const wise = draw.chance(0.5) ? sensible(world, draw) : null;
  const command = wise ?? anything(world, draw);
  world.command(command.kind === 'clearFailures' ? fenceTest(world, draw) : command);
  return undefined;
};

/** At any node, the active one most of all: that must be refused. */
function fenceTest({ places, history }: SimWorld, draw: Draw): MachineCommand {
  const { active = null } = history.records.service ?? {};
  const node = active !== null && draw.chance(0.6) ? active : pickFrom(draw, places).node.id;
  return { kind: 'fenceTest', node, level: null, reason };
}

const confirmDown: Act = (world) => {
  const [place] = world.places.filter(({ node, scripts }) => !node.isAlive && !scripts.isBusy);
  if (place === undefined) return undefined;
  const { id } = place.node;
  const crumb = JSON.parse(world.engine.get(world.keys.breadcrumb('web', id))?.value ?? 'null') as Breadcrumb | null;
  world.command({ kind: 'confirmDown', node: id, reason, version: crumb?.version ?? 0 });
  return undefined;
};

/** Somebody asks any prober what is going on: whatever is answered, nothing may come of it (I13). */
const reads: Act = ({ members, history }, draw) => {
  const deps = pickFrom(draw, members).reads;
  const [service] = deps?.config.services ?? [];
  if (deps === null || service === undefined) return undefined;
  const tell = (what: string) => () => Promise.reject(history.wroteWhileReading(what));
  const store = { ...deps.store, commit: tell('a commit'), openSession: tell('a session') };
  readClusterStatus(deps);
  // A store that is away is an answer too.
  readWhy({ ...deps, store }, service).catch(() => undefined);
  return undefined;
};

export const OPERATOR_FAULTS = { operator, 'confirm-down': confirmDown, reads } as const satisfies Partial<
  Record<FaultKind, Act>
>;
