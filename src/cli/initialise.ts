// `oneup init`: the one command that creates a cluster in a store (S4).
import { storeKeys } from '../base/store-keys.ts';
import type { Config } from '../config/config.ts';
import { recordAbove } from '../controller/read-forgotten-record.ts';
import type { Store } from '../ports/store.ts';
import { initialiseCluster } from '../store/cluster-record.ts';
import { overwriteCluster } from '../store/overwrite-cluster.ts';
import { createLogger } from '../telemetry/pino-logger.ts';
import { askGuardsWithin, silentGuards } from './ask-guards.ts';
import { askPeers } from './ask-peers.ts';
import { askProviders, silentProviders } from './ask-providers.ts';
import type { CommandContext, SharedOptions } from './command-context.ts';
import { findLeftBehind, highestEpochs, keepAnswers } from './left-behind.ts';
import { loadOrThrow } from './load-or-throw.ts';
import { openStore } from './open-store.ts';
import { refuseAbsurd } from './refuse-absurd.ts';

/** A new cluster may have nodes that are not there yet; what they know is above nothing then. */
const GUARDS_MAX_MS = 5_000;

export type InitOptions = SharedOptions & { readonly force?: boolean };

export async function initialise(
  context: CommandContext,
  options: InitOptions,
): Promise<{ json: unknown; text: string }> {
  const loaded = loadOrThrow(options.config);
  const { config } = loaded;
  const logger = createLogger({ level: 'warn', prober: 'init' });
  const store = await openStore(config, { ...context, logger }, { create: true });
  try {
    const before = await findLeftBehind(config);
    const peers = await askPeers(config, config.cluster.probers, { ...context, attempts: 1 });
    const served = peers.flatMap(({ prober, owners }) =>
      [...owners].map(([service, owner]) => ({ ...owner, service, prober })),
    );
    const guards = await askGuardsWithin(GUARDS_MAX_MS, config, context);
    const recalled = await askProviders(config, context);
    const seen = [...served, ...guards, ...recalled];
    refuseAbsurd('initialise', seen);
    const make = options.force === true && (await holds(store, config)) ? overwriteCluster : initialiseCluster;
    const record = await make(store, {
      cluster: config.cluster.name,
      configText: loaded.text,
      services: config.services.map((service) => ({ id: service.id, nodes: service.nodes.map((node) => node.id) })),
      highestSeen: Math.max(before.highestGeneration, ...seen.map(({ generation }) => generation)),
      above: { epochs: highestEpochs(before, seen), recordAbove },
      answers: keepAnswers(config, before.zones),
    });
    const kept =
      before.zones.length === 0 ? '' : ` Kept the answers of zone ${before.zones.map((zone) => zone.zone).join(', ')}`;
    const silent = [...silentGuards(guards), ...silentProviders(recalled).keys()];
    const unheard =
      silent.length === 0 ? '' : ` Not heard, and refusing it if they know a later one: ${silent.join(', ')}.`;
    const text = `Cluster ${record.cluster} is initialised, generation ${record.generation.number}.${kept}${unheard} Next: oneup run`;
    return { json: record, text };
  } finally {
    await store[Symbol.asyncDispose]();
  }
}

async function holds(store: Store, { cluster }: Config): Promise<boolean> {
  return (await store.get(storeKeys(cluster.name).meta)) !== null;
}
