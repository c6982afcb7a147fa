// What a person needs to know of a scenario that came to nothing: what the probers say of the service, and the ends of all logs.
// Printed by the test, because its directory is removed with it.
import { PROBERS, SERVICE } from './hosts.ts';
import type { NetWorld } from './net-world.ts';

/** Of each log; CI keeps some megabytes of output. */
const LOG_TAIL_CHARS = 12_000;
const HISTORY = `/v1/services/${SERVICE}/history?limit=10`;

/** Never throws: probers that do not answer have logs. */
export async function worldReport(world: NetWorld): Promise<string> {
  const asked = await Promise.all(
    PROBERS.flatMap((prober) => [
      told(`service as ${prober} tells`, () => world.service(prober)),
      told(`history as ${prober} tells`, () => world.api(prober).get(HISTORY)),
    ]),
  );
  const files = ['power.log', 'witness.log', 'network.log'].map((file) => [file, world.text(file)] as const);
  const logs = PROBERS.map((prober) => [`log of ${prober}`, world.log(prober)] as const);
  return [...asked, ...files, ...logs].map(([title, text]) => `== ${title}\n${text.slice(-LOG_TAIL_CHARS)}`).join('\n');
}

async function told(title: string, ask: () => Promise<unknown>): Promise<readonly [string, string]> {
  const answer = await ask().catch((error: unknown) => String(error));
  return [title, JSON.stringify(answer)];
}
