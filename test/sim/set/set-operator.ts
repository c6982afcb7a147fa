// What operators do with an active-active service, at random and sometimes to mend what they did before.
import type { MachineCommand } from '../../../src/failover/machine-command.ts';
import type { Draw } from '../draw.ts';
import { pickFrom, type SimWorld } from '../sim-world.ts';

const EXPIRES_MS = 60_000;
const reason = 'sim';

export function setCommand(world: SimWorld, draw: Draw): MachineCommand {
  const node = pickFrom(draw, world.places).node.id;
  const { service, operation } = world.history.records;
  const drained = Object.entries(service?.members ?? {}).filter(([, member]) => member.drained !== null);
  const [worked] = Object.keys(service?.nodeMaintenance ?? {});
  if (draw.chance(0.6)) {
    if (service?.frozen != null) return { kind: 'freeze', on: false, reason };
    if (service?.maintenance != null) return maintenance(false, null);
    if (worked !== undefined && draw.chance(0.5)) return maintenance(false, worked);
    const [first] = drained;
    if (first !== undefined) return { kind: 'undrain', node: first[0], reason };
  }
  const commands: readonly MachineCommand[] = [
    { kind: 'drain', node, reason },
    { kind: 'drain', node, reason },
    { kind: 'undrain', node, reason },
    { kind: 'rejoin', node, reason },
    maintenance(true, node),
    maintenance(true, node),
    maintenance(draw.chance(0.5), null),
    { kind: 'freeze', on: true, reason },
    { kind: 'continue', opId: operation?.opId ?? 'none', reason },
    // Nothing moves here: refused by name.
    { kind: 'switchover', from: null, to: node, waitsForTtl: false, reason },
  ];
  return pickFrom(draw, commands);
}

function maintenance(on: boolean, node: string | null): MachineCommand {
  return { kind: 'maintenance', on, node, reason, expiresAfterMs: on ? EXPIRES_MS : 0 };
}
