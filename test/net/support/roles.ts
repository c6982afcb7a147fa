// Who is who in a scenario: the controller of the moment, the other probers, and waiting for a time or for somebody else to lead.
import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../../e2e/support/wait-until.ts';
import { PROBERS, type ProberName } from './hosts.ts';
import type { NetWorld } from './net-world.ts';

/** Three terms of a busy machine. */
const PATIENCE_MS = 40_000;

export type Roles = {
  readonly controller: ProberName;
  readonly others: readonly [ProberName, ProberName];
};

export async function rolesOf(world: NetWorld): Promise<Roles> {
  const controller = await waitUntil('a controller', () => world.controller());
  const [one = controller, other = controller] = PROBERS.filter((prober) => prober !== controller);
  return { controller, others: [one, other] };
}

/** Resolves with the prober that leads instead of `old`, as `asked` tell. */
export function untilAnother(world: NetWorld, old: ProberName, asked: readonly ProberName[]): Promise<ProberName> {
  return waitUntil(
    'another controller',
    async () => {
      const now = await world.controller(...asked);
      return now === null || now === old ? false : now;
    },
    PATIENCE_MS,
  );
}

/** Resolves as soon as an operation runs. */
export function untilOperation(world: NetWorld): Promise<true> {
  return waitUntil('an operation', async () => (await world.service()).operation !== null, PATIENCE_MS);
}

/** A fault lasts for as long as it lasts; nothing can be waited for but time. */
export function lasts(ms: number): Promise<void> {
  return sleep(ms);
}
