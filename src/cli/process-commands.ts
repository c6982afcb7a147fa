// Commands about the cluster itself: init, run, check-config, reload, version.
import type { Command } from 'commander';
import { OneupError } from '../base/oneup-error.ts';
import { storeKeys } from '../base/store-keys.ts';
import type { Config } from '../config/config.ts';
import { formatProblems } from '../config/format-problems.ts';
import { loadConfig } from '../config/load.ts';
import type { Refusal } from '../failover/refusal.ts';
import type { Store } from '../ports/store.ts';
import { initialiseCluster } from '../store/cluster-record.ts';
import { overwriteCluster } from '../store/overwrite-cluster.ts';
import { createLogger, type LogLevel } from '../telemetry/pino-logger.ts';
import { askPeers } from './ask-peers.ts';
import { type CommandContext, clientFor, loadOrThrow, print, type SharedOptions } from './command-context.ts';
import { findLeftBehind, keepAnswers } from './left-behind.ts';
import { openStore } from './open-store.ts';
import { runProber } from './run-prober.ts';
import type { Finish } from './send-command.ts';
import { withShared } from './shared-options.ts';
import { VERSION } from './version.ts';

export function addProcessCommands(program: Command, context: CommandContext, finish: Finish): void {
  withShared(program.command('init').description('Create the cluster in its store; once, before the first run'))
    .option('--force', 'overwrite the cluster that is there: its records are gone for good')
    .action(async (options: InitOptions) => print(context, options, await initialise(context, options)));
  withShared(program.command('run').description('Run a prober: checks, controller candidate, name server'))
    .option('--prober <id>', 'which prober of the configuration this is (default: the only one)')
    .option('--log-level <level>', 'debug, info, warn, error or silent', 'info')
    .action(async (options: SharedOptions & { prober?: string; logLevel: LogLevel }) => run(context, options));
  withShared(
    program.command('check-config').description('Read the configuration and say everything that is wrong with it'),
  ).action((options: SharedOptions) => finish(checkConfig(context, options)));
  withShared(program.command('reload').description('Propose the configuration file of a prober as the one in force'))
    .option('--force', 'also when a live prober cannot load it; those are named')
    .action(async (options: SharedOptions & { force?: boolean }) => finish(await reload(context, options)));
  withShared(program.command('version').description('Print the version')).action((options: SharedOptions) =>
    print(context, options, { json: { version: VERSION }, text: VERSION }),
  );
}

type InitOptions = SharedOptions & { readonly force?: boolean };

async function initialise(context: CommandContext, options: InitOptions): Promise<{ json: unknown; text: string }> {
  const loaded = loadOrThrow(options.config);
  const { config } = loaded;
  const logger = createLogger({ level: 'warn', prober: 'init' });
  const store = await openStore(config, { ...context, logger }, { create: true });
  try {
    const before = await findLeftBehind(config);
    const peers = await askPeers(config, config.cluster.probers, { ...context, attempts: 1 });
    const served = peers.flatMap(({ owners }) => [...owners.values()].map(({ generation }) => generation));
    const make = options.force === true && (await holds(store, config)) ? overwriteCluster : initialiseCluster;
    const record = await make(store, {
      cluster: config.cluster.name,
      configText: loaded.text,
      services: config.services.map((service) => ({ id: service.id, nodes: service.nodes.map((node) => node.id) })),
      highestSeen: Math.max(before.highestGeneration, ...served),
    });
    await keepAnswers(store, config, before.zones);
    const kept =
      before.zones.length === 0 ? '' : ` Kept the answers of zone ${before.zones.map((zone) => zone.zone).join(', ')}`;
    const text = `Cluster ${record.cluster} is initialised, generation ${record.generation.number}.${kept} Next: oneup run`;
    return { json: record, text };
  } finally {
    await store[Symbol.asyncDispose]();
  }
}

async function holds(store: Store, { cluster }: Config): Promise<boolean> {
  return (await store.get(storeKeys(cluster.name).meta)) !== null;
}

async function run(
  context: CommandContext,
  options: SharedOptions & { prober?: string; logLevel: LogLevel },
): Promise<void> {
  const loaded = loadOrThrow(options.config);
  const { probers } = loaded.config.cluster;
  const wanted = options.prober ?? (probers.length === 1 ? probers[0]?.id : undefined);
  const prober = probers.find((candidate) => candidate.id === wanted);
  if (prober === undefined) {
    const ids = probers.map((candidate) => candidate.id).join(', ');
    throw new OneupError('ONEUP_USAGE', `Cannot run: --prober must be one of ${ids}, value was ${wanted ?? 'none'}`);
  }
  const logger = createLogger({ level: options.logLevel, prober: prober.id });
  for (const warning of loaded.warnings) logger.warn({ path: warning.path }, warning.reason);
  await runProber({ configFile: options.config, loaded, prober }, { ...context, logger });
}

function checkConfig(context: CommandContext, options: SharedOptions): number {
  const loaded = loadConfig(options.config);
  if (!loaded.ok) {
    print(context, options, { json: { valid: false, problems: loaded.error }, text: formatProblems(loaded.error) });
    return loaded.error.some((problem) => problem.code === 'ONEUP_NO_FENCE_LADDER') ? 4 : 1;
  }
  const { warnings, digest, config } = loaded.value;
  const counts = `${config.cluster.probers.length} probers, ${config.services.length} services`;
  const text = [`${options.config} is valid: ${counts}, digest ${digest.slice(0, 12)}`];
  if (warnings.length > 0) text.push(formatProblems(warnings));
  print(context, options, { json: { valid: true, digest, warnings }, text: text.join('\n') });
  return 0;
}

type ReloadAnswer =
  | { readonly kind: 'unchanged' | 'accepted'; readonly digest: string; readonly forced?: readonly string[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

async function reload(context: CommandContext, options: SharedOptions & { force?: boolean }): Promise<number> {
  const answer = await clientFor(options).post<ReloadAnswer>('/v1/reload', {
    force: options.force === true,
    actor: context.actor,
  });
  if (answer.kind === 'refused') {
    const { rule, reason, remedy } = answer.refusal;
    print(context, options, { json: answer, text: `Refused by ${rule}: ${reason}\nRemedy: ${remedy}` });
    return 7;
  }
  const forced =
    (answer.forced ?? []).length > 0 ? `; cannot be loaded by ${answer.forced?.join(', ')}, which will not lead` : '';
  const text =
    answer.kind === 'unchanged'
      ? 'The file is the configuration in force already'
      : `In force: ${answer.digest.slice(0, 12)}${forced}`;
  print(context, options, { json: answer, text });
  return 0;
}
