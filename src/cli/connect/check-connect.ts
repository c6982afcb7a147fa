// `check-config --connect`: tries everything that the configuration names, by the live probers of the cluster where one runs on
// this machine, else from here, and says what would happen if the host of an active were cut off.
import { OneupError } from '../../base/oneup-error.ts';
import type { LoadedConfig } from '../../config/load.ts';
import { createLogger } from '../../telemetry/pino-logger.ts';
import { createApiClient } from '../api-client.ts';
import type { CommandContext, SharedOptions } from '../command-context.ts';
import { socketPath } from '../socket-path.ts';
import type { VantagesAnswer } from './ask-vantages.ts';
import type { Facts } from './facts.ts';
import { reasonOf } from './finding.ts';
import { type CutOff, ifCutOff } from './if-cut-off.ts';
import { tryEverything } from './try-everything.ts';
import type { Vantage } from './vantage.ts';
import { within } from './within.ts';

export type Connected = {
  readonly inOrder: boolean;
  readonly vantages: readonly Vantage[];
  /** Why nobody but this command looked, or null. */
  readonly onlyHere: string | null;
  readonly ifCutOff: readonly CutOff[];
};

/** The name under which this command itself looks. */
const HERE = 'here';

export async function checkConnect(
  context: CommandContext,
  options: SharedOptions,
  { config, digest }: Pick<LoadedConfig, 'config' | 'digest'>,
): Promise<Connected> {
  const tell = progress(context);
  tell('Asking the probers to look from where they are');
  const asked = await askProbers({ ...context, ...options }, { config, digest });
  const looked = typeof asked === 'string' ? await lookFromHere(context, config, tell) : asked;
  tell(null);
  const { vantages, facts } = looked;
  const cutOff = config.services.flatMap((service) => ifCutOff(config, service, facts));
  const isBad = (vantage: Vantage) =>
    vantage.problem !== null || vantage.findings.some(({ outcome }) => outcome === 'wrong');
  const inOrder = !vantages.some(isBad) && !cutOff.some(({ isStuck }) => isStuck);
  return { inOrder, vantages, onlyHere: typeof asked === 'string' ? asked : null, ifCutOff: cutOff };
}

type Looks = { readonly vantages: readonly Vantage[]; readonly facts: Facts | null };

/** Above the patience of one socket, so that several silent ones do not add up: the whole command stays below a minute. */
const ASK_MAX_MS = 26_000;

/** Or the reason why they could not be asked. */
async function askProbers(
  { clock, signal, socket }: Pick<CommandContext, 'clock' | 'signal'> & Pick<SharedOptions, 'socket'>,
  { config, digest }: Pick<LoadedConfig, 'config' | 'digest'>,
): Promise<Looks | string> {
  const { stateDir, probers } = config.cluster;
  const sockets = socket === undefined ? probers.map(({ id }) => socketPath(stateDir, id)) : [socket];
  try {
    const client = createApiClient(sockets);
    const ask = () => client.post<VantagesAnswer>('/v1/connect', { digest });
    const answer = await within({ clock, signal, ms: ASK_MAX_MS }, ask);
    if (answer.kind === 'looked') return { ...answer, vantages: [...answer.vantages, ...absent(answer, config)] };
    if (answer.kind === 'busy') return 'somebody else asks the probers right now';
    return `prober ${answer.prober}, which runs on this machine, was started with a file that says something else`;
  } catch (error) {
    if (signal.aborted) throw error;
    if (!(error instanceof OneupError)) return `the probers were asked in vain: ${reasonOf(error)}`;
    if (error.code === 'ONEUP_PROBER_UNREACHABLE')
      return socket === undefined ? 'no prober runs on this machine' : `no prober answers at ${socket}`;
    return `the prober on this machine cannot ask: ${error.message}`;
  }
}

/** A prober of the file that has no session is not running, or runs without the store; its vantage is missing. */
function absent({ vantages }: Looks, { cluster }: LoadedConfig['config']): readonly Vantage[] {
  const answered = new Set(vantages.map(({ prober }) => prober));
  return cluster.probers
    .filter(({ id }) => !answered.has(id))
    .map(({ id }) => ({ prober: id, findings: [], unlisted: 0, problem: 'it is not running, or has no store' }));
}

async function lookFromHere(
  context: CommandContext,
  config: LoadedConfig['config'],
  tell: (text: string) => void,
): Promise<Looks> {
  const logger = createLogger({ level: 'silent', prober: HERE });
  const deps = { ...context, logger };
  const { findings, facts } = await tryEverything({
    config,
    prober: null,
    deps,
    onProgress: (text) => tell(`Looking at ${text}`),
  });
  return { vantages: [{ prober: HERE, findings, unlisted: 0, problem: null }], facts };
}

/** One line that is drawn anew on a terminal, else one for each step; null ends it. */
function progress({ console }: CommandContext): (text: string | null) => void {
  return (text) => {
    if (console.isInteractive) console.err(text === null ? '\r\u001b[K' : `\r\u001b[K${text}`);
    else if (text !== null) console.err(`${text}\n`);
  };
}
