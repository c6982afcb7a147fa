// The listener for agents of this process: it stands from start to end, and follows whichever configuration is in force.
import { type AgentDoor, createAgentDoor } from '../api/agent-door.ts';
import { nodesOfAgent } from '../api/agent-nodes.ts';
import type { AgentSource } from '../api/agent-source.ts';
import type { LastSeen } from '../api/answer-claim.ts';
import type { ApiSource } from '../api/api-source.ts';
import { type Certificate, type RunningServer, startTlsServer } from '../api/tls-server.ts';
import { storeKeys } from '../base/store-keys.ts';
import type { Config, Endpoint, ProberConfig } from '../config/config.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { StoreView } from '../ports/store-view.ts';
import type { ProcessDeps } from './process-deps.ts';

export type AgentListener = AsyncDisposable & {
  readonly endpoints: readonly Endpoint[];
  /** Takes over the certificate of a configuration that came into force; another place needs a new start. */
  readonly follow: (config: Config) => void;
};

export type AgentListenerOptions = {
  readonly config: Config;
  readonly prober: ProberConfig;
  readonly deps: ProcessDeps;
  /** Throws while there is no store. */
  readonly source: () => ApiSource & { readonly configVersion: number | null };
  /** What it ran last, and saw of the store; null before the first. */
  readonly before: () => { readonly loaded: LoadedConfig; readonly view: StoreView } | null;
};

/** Throws ONEUP_LISTEN_FAILED or ONEUP_PORT_IN_USE. Listens nowhere when the configuration names no place. */
export async function startAgentListener(options: AgentListenerOptions): Promise<AgentListener> {
  const { config, prober, deps } = options;
  const { clock, logger } = deps;
  const door = createAgentDoor({
    ...{ clock, logger, book: deps.book, lastSeen: () => lastSeen(options) },
    source: () => agentSource(options.source()),
  });
  const certificate = certificateOf(config);
  const server = await startTlsServer({ endpoints: prober.apiListen, certificate, answer: door.answer, logger });
  return {
    endpoints: server.endpoints,
    follow: (inForce) => follow(options, { server, inForce }),
    [Symbol.asyncDispose]: () => end(door, server),
  };
}

function agentSource(source: ApiSource & { readonly configVersion: number | null }): AgentSource {
  return { ...source, nodesOf: (agent) => nodesOfAgent(source.config, agent) };
}

function lastSeen({ before }: AgentListenerOptions): LastSeen | null {
  const seen = before();
  if (seen === null) return null;
  const { config } = seen.loaded;
  const nodesOf = (agent: string) => nodesOfAgent(config, agent);
  return { config, keys: storeKeys(config.cluster.name), view: seen.view, nodesOf };
}

function certificateOf({ cluster }: Config): Certificate | null {
  const { apiTls } = cluster;
  return apiTls === null ? null : { cert: apiTls.cert, key: apiTls.key.reveal() };
}

function follow(
  { config, prober, deps }: AgentListenerOptions,
  { server, inForce }: { readonly server: RunningServer; readonly inForce: Config },
): void {
  const wanted = inForce.cluster.probers.find(({ id }) => id === prober.id)?.apiListen ?? prober.apiListen;
  const isSecure = config.cluster.apiTls !== null;
  const isMoved = JSON.stringify(wanted) !== JSON.stringify(prober.apiListen);
  if (isMoved || (wanted.length > 0 && (inForce.cluster.apiTls !== null) !== isSecure)) {
    const remedy = 'Start this prober anew, once its file is the one in force';
    deps.logger.warn({ remedy }, 'the listener for agents stands where it stood at the start');
  }
  try {
    server.setCertificate(certificateOf(inForce));
  } catch (error) {
    deps.logger.error({ err: error }, 'the new certificate of cluster.api cannot be used; the old one stays');
  }
}

async function end(door: AgentDoor, server: RunningServer): Promise<void> {
  await server[Symbol.asyncDispose]();
  door[Symbol.dispose]();
}
