// `oneup recover`: after a store was restored from a backup, begins a generation that is above everything anybody has seen
// (S4). What can be asked is asked; what cannot be asked is named by the operator, who takes responsibility for it.
import { OneupError } from '../base/oneup-error.ts';
import type { Config, ServiceConfig } from '../config/config.ts';
import { recoverCluster } from '../store/recover-cluster.ts';
import { createLogger } from '../telemetry/pino-logger.ts';
import { askGuards, type GuardMemory, silentGuards } from './ask-guards.ts';
import { askPeers, type PeerState } from './ask-peers.ts';
import { askProviders, type ProviderMemory, silentProviders } from './ask-providers.ts';
import type { CommandContext, SharedOptions } from './command-context.ts';
import { findLeftBehind, highestEpochs, keepAnswers, type LeftBehind } from './left-behind.ts';
import { loadOrThrow } from './load-or-throw.ts';
import { newestAnswers } from './newest-answers.ts';
import { openStore } from './open-store.ts';
import { recoverScope } from './recover-scope.ts';
import { refuseAbsurd } from './refuse-absurd.ts';

export type RecoverOptions = SharedOptions & { readonly without?: readonly string[] };

export async function recover(
  context: CommandContext,
  options: RecoverOptions,
): Promise<{ json: unknown; text: string }> {
  const file = loadOrThrow(options.config);
  const logger = createLogger({ level: 'warn', prober: 'recover' });
  const store = await openStore(file.config, { ...context, logger });
  try {
    const { config, inForce, differs } = await recoverScope(store, file, options.config);
    const known = await findLeftBehind(config);
    const scopes = inForce === file.config ? [file.config] : [file.config, inForce];
    const [peers, recalled, ...remembered] = await Promise.all([
      askPeers(config, config.cluster.probers, context),
      askProviders(config, context),
      ...scopes.map((scope) => askGuards(scope, context)),
    ]);
    const guards = remembered.flat();
    confirmSilent(scopes, { peers, guards, recalled, known, without: options.without ?? [] });
    const seen = [
      ...peers.flatMap(({ prober, owners }) => [...owners].map(([service, owner]) => ({ ...owner, service, prober }))),
      ...guards,
      ...recalled,
    ];
    refuseAbsurd('recover', seen);
    const epochs = highestEpochs(known, seen);
    const services = config.services.map(({ id, nodes }) => ({ id, nodes: nodes.map((node) => node.id) }));
    const record = await recoverCluster(store, {
      cluster: config.cluster.name,
      services,
      highestGeneration: Math.max(known.highestGeneration, ...seen.map(({ generation }) => generation)),
      highestTerm: known.highestTerm,
      epochs,
      answers: keepAnswers(config, await newestAnswers(config, { known, peers, context })),
    });
    const { number } = record.generation;
    const text = [
      `Cluster ${record.cluster} is recovered, generation ${number}. Nothing is believed about what runs.`,
      'The probers take it up by themselves. Next: see what runs, and say so for each service:',
      ...inForce.services.filter(({ mode }) => mode === 'active-passive').map(nextStep),
      ...differs.map((line) => `The file differs from the configuration in force: ${line}.`),
      ...(differs.length > 0 ? ['The probers run the one in force; oneup reload proposes the file.'] : []),
    ];
    return { json: { ...record, epochs: Object.fromEntries(epochs), differs }, text: text.join('\n') };
  } finally {
    await store[Symbol.asyncDispose]();
  }
}

/** S14: without a grant there is no lease, so an agent ends what it runs; everything else goes on until somebody says what it is. */
function nextStep({ id, nodes, failover }: ServiceConfig): string {
  if (nodes.some(({ agent }) => agent === null)) return `  oneup adopt ${id} --node NODE --reason "restored"`;
  const again = failover.coldStart ? 'it is started again by itself, or with' : 'start it again:';
  return `  ${id} is stopped by its agents; ${again} oneup switchover ${id} --to NODE`;
}

type Heard = {
  readonly peers: readonly PeerState[];
  readonly guards: readonly GuardMemory[];
  readonly recalled: readonly ProviderMemory[];
  readonly known: LeftBehind;
  readonly without: readonly string[];
};

/** Everybody has been heard, a prober also by what it left on this machine, or was named by the operator. */
function confirmSilent(scopes: readonly Config[], { peers, guards, recalled, known, without }: Heard): void {
  const asked = new Set(
    scopes.flatMap(({ cluster, providers, services }) => [
      ...cluster.probers.map(({ id }) => id),
      ...providers.flatMap(({ name, kind }) => (kind === 'builtin' ? [] : [`provider:${name}`])),
      ...services.flatMap(({ id, nodes }) => nodes.map((node) => `${id}/${node.id}`)),
    ]),
  );
  const unknown = without.find((name) => !asked.has(name));
  if (unknown !== undefined) {
    const names = [...asked].join(', ');
    throw new OneupError(
      'ONEUP_USAGE',
      `Cannot recover: --without takes probers, SERVICE/NODE and provider:NAME, ${names}, value was ${unknown}`,
    );
  }
  const gone = peers
    .filter(({ prober, zones }) => zones === null && !known.probers.has(prober) && !without.includes(prober))
    .map(({ prober }) => prober);
  const silent = guards.filter(
    ({ service, node, silence }) => silence !== null && !without.includes(`${service}/${node}`),
  );
  const unread = [...silentProviders(recalled)].filter(([name]) => !without.includes(name));
  const names = [...gone, ...silentGuards(silent), ...unread.map(([name]) => name)];
  if (names.length === 0) return;
  const reasons = [
    ...(gone.length === 0
      ? []
      : [`${gone.join(', ')} left no marks on this machine, and no name server of theirs answers`]),
    ...silent.map(({ service, node, silence }) => `${service}/${node}: ${silence}`),
    ...unread.map(([name, silence]) => `${name}: ${silence}`),
  ];
  throw new OneupError('ONEUP_REFUSED', `Cannot recover: S4.not-asked: ${reasons.join('; ')}`, {
    remedy: `Run it where they can be reached, or start them; if they are lost for good: oneup recover --without ${[...without, ...names].join(' ')}`,
  });
}
