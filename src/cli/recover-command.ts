// `oneup recover`: after a store was restored from a backup, begins a generation that is above everything anybody has seen
// (S4). What can be asked is asked; what cannot be asked is named by the operator, who takes responsibility for it.
import type { Command } from 'commander';
import { OneupError } from '../base/oneup-error.ts';
import type { Config } from '../config/config.ts';
import { recoverCluster } from '../store/recover-cluster.ts';
import { createLogger } from '../telemetry/pino-logger.ts';
import { askPeers, type PeerState } from './ask-peers.ts';
import { type CommandContext, loadOrThrow, print, type SharedOptions } from './command-context.ts';
import { findLeftBehind, keepAnswers, type LeftBehind } from './left-behind.ts';
import { newestAnswers } from './newest-answers.ts';
import { openStore } from './open-store.ts';
import { withExamples, withShared } from './shared-options.ts';

type RecoverOptions = SharedOptions & { readonly without?: readonly string[] };

export function addRecoverCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('recover')
    .description('Go on with a store that was restored from a backup, as a new generation')
    .option('--without <prober...>', 'probers that cannot be asked and have nothing newer that matters');
  withExamples(withShared(command), 'oneup recover', 'oneup recover --without sin').action(
    async (options: RecoverOptions) => print(context, options, await recover(context, options)),
  );
}

async function recover(context: CommandContext, options: RecoverOptions): Promise<{ json: unknown; text: string }> {
  const { config } = loadOrThrow(options.config);
  const logger = createLogger({ level: 'warn', prober: 'recover' });
  const store = await openStore(config, { ...context, logger });
  try {
    const known = await findLeftBehind(config);
    const peers = await askPeers(config, config.cluster.probers, context);
    confirmSilent(config, { peers, known, without: options.without ?? [] });
    const owners = peers.flatMap((peer) => [...peer.owners]);
    const epochs = new Map(known.epochs);
    for (const [service, { epoch }] of owners) epochs.set(service, Math.max(epoch, epochs.get(service) ?? 0));
    const services = config.services.map(({ id, nodes }) => ({ id, nodes: nodes.map((node) => node.id) }));
    const record = await recoverCluster(store, {
      cluster: config.cluster.name,
      services,
      highestGeneration: Math.max(known.highestGeneration, ...owners.map(([, { generation }]) => generation)),
      highestTerm: known.highestTerm,
      epochs,
    });
    await keepAnswers(store, config, await newestAnswers(config, { known, peers, context }));
    const { number } = record.generation;
    const text = [
      `Cluster ${record.cluster} is recovered, generation ${number}. Nothing is believed about what runs.`,
      'The probers take it up by themselves. Next: see what runs, and say so for each service:',
      ...config.services.map(({ id }) => `  oneup adopt ${id} --node NODE --reason "restored"`),
    ];
    return { json: { ...record, epochs: Object.fromEntries(epochs) }, text: text.join('\n') };
  } finally {
    await store[Symbol.asyncDispose]();
  }
}

/** Every prober has been heard, by what it left on this machine or by its name server, or was named by the operator. */
function confirmSilent(
  { cluster }: Config,
  { peers, known, without }: { peers: readonly PeerState[]; known: LeftBehind; without: readonly string[] },
): void {
  const unknown = without.find((id) => !cluster.probers.some((prober) => prober.id === id));
  if (unknown !== undefined) {
    const ids = cluster.probers.map(({ id }) => id).join(', ');
    throw new OneupError('ONEUP_USAGE', `Cannot recover: --without takes ids of probers, ${ids}, value was ${unknown}`);
  }
  const silent = peers.filter(
    ({ prober, zones }) => zones === null && !known.probers.has(prober) && !without.includes(prober),
  );
  if (silent.length === 0) return;
  const names = silent.map(({ prober }) => prober).join(', ');
  const reason = `${names} left no marks on this machine, and no name server of theirs answers`;
  throw new OneupError('ONEUP_REFUSED', `Cannot recover: S4.not-asked: ${reason}`, {
    remedy: `Run it where they run, or start them; if they are lost for good: oneup recover --without ${names.replaceAll(', ', ' ')}`,
  });
}
