// A cluster of real probers whose record lives at somebody else.
import { Cluster } from './cluster.ts';
import { type NodeName, PROBERS, RECORD, SERVICE } from './cluster-files.ts';
import type { ProviderPlace } from './provider-place.ts';
import { waitUntil } from './wait-until.ts';

/** Three probers, node `a` active, and its address in the zone of the place. */
export async function runAtProvider(place: ProviderPlace): Promise<Cluster> {
  const cluster = await Cluster.create({
    env: place.env,
    changes: [
      ['services:\n', `providers:\n  far: ${place.written}\nservices:\n`],
      [`record: { name: ${RECORD}, ttl`, `record: { name: ${nameIn(place)}, provider: far, ttl`],
    ],
  });
  try {
    for (const prober of PROBERS) cluster.start(prober);
    await cluster.ready();
    await cluster.accepted({ kind: 'switchover', from: null, to: 'a', reason: 'first start' });
    await waitUntil('a to be published', () => names(cluster, place, 'a'));
    await untilFree(cluster);
    return cluster;
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
}

export function nameIn({ zone }: ProviderPlace): string {
  return `${SERVICE}.${zone}`;
}

export function names(cluster: Cluster, place: ProviderPlace, node: NodeName): boolean {
  return place.contents(nameIn(place)).includes(cluster.network.nodes[node]);
}

/** No operation: what is left of one, such as a TTL that runs out, holds up no other. */
export async function untilFree(cluster: Cluster): Promise<void> {
  await waitUntil('no operation', async () => (await cluster.service()).operation === null);
}
