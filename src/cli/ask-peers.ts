// What the name servers of the cluster know that the store may have forgotten: the serial of each zone, and the ownership text
// beside each managed name, with the generation and the epoch of the last write that reached them (S4, S26).
import type { Clock } from '../base/clock.ts';
import type { DomainName, ProberId, ServiceId } from '../base/ids.ts';
import type { Config, Endpoint, ProberConfig } from '../config/config.ts';
import { type Ownership, ownershipName, parseOwnership } from '../plan/ownership.ts';
import { askSerial, askTexts } from '../probe/ask-name-server.ts';

export type PeerState = {
  readonly prober: ProberId;
  /** Null when it left a question without an answer: then nobody knows what else it has to say. */
  readonly zones: ReadonlyMap<DomainName, number> | null;
  /** Newest write of each service that this server answered with, for as long as it answered. */
  readonly owners: ReadonlyMap<ServiceId, Ownership>;
};

/** Servers on the same network answer within milliseconds, and one packet may get lost. */
const ANSWER_MS = 700;
const ATTEMPTS = 2;
/** Questions to one server at a time: it answers thousands a second, and a far one is waited for many times less. */
const QUESTIONS_AT_ONCE = 16;

export type AskOptions = {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Queries before a server counts as silent [2]. */
  readonly attempts?: number;
};

/** Asks the name server of each of the probers for every zone that it serves. Never rejects. */
export function askPeers(
  config: Config,
  probers: readonly ProberConfig[],
  options: AskOptions,
): Promise<readonly PeerState[]> {
  return Promise.all(probers.map((prober) => askPeer(config, prober, options)));
}

async function askPeer(config: Config, prober: ProberConfig, options: AskOptions): Promise<PeerState> {
  const server = reachableServer(prober);
  const zones = new Map<DomainName, number>();
  const owners = new Map<ServiceId, Ownership>();
  const served = config.dns.zones.filter(({ nameServers }) => nameServers.some((one) => one.prober === prober.id));
  const silent = { prober: prober.id, zones: null, owners };
  if (server === null || served.length === 0) return silent;
  const hasSerials = await askEach(served, async ({ name }) => {
    const serial = await again((signal) => askSerial({ server, name }, { signal }), options);
    if (serial !== null) zones.set(name, serial);
    return serial !== null;
  });
  if (!hasSerials) return silent;
  const services = config.services.filter(({ record }) => served.some(({ name }) => record.name.endsWith(`.${name}`)));
  const hasOwners = await askEach(services, async ({ id, record }) => {
    const name = ownershipName(record.name);
    const texts = await again((signal) => askTexts({ server, name }, { signal }), options);
    for (const text of texts ?? []) {
      const owner = parseOwnership(text);
      if (owner.ok && owner.value.cluster === config.cluster.name) owners.set(id, owner.value);
    }
    return texts !== null;
  });
  return hasOwners ? { prober: prober.id, zones, owners } : silent;
}

/** Some at once, and no more after the first without an answer: a server that fell silent would cost its time for each. */
async function askEach<T>(all: readonly T[], ask: (one: T) => Promise<boolean>): Promise<boolean> {
  const waiting = all.values();
  let isAnswering = true;
  const worker = async (): Promise<void> => {
    for (const one of waiting) {
      if (!isAnswering) return;
      if (!(await ask(one))) isAnswering = false;
    }
  };
  await Promise.all(Array.from({ length: Math.min(QUESTIONS_AT_ONCE, all.length) }, worker));
  return isAnswering;
}

/** Where it can be asked from another machine: a wildcard stands for its own address. */
export function reachableServer({ address, listen }: ProberConfig): Endpoint | null {
  const [first] = listen;
  if (first === undefined || first.port === 0) return null;
  const isWildcard = first.host === '0.0.0.0' || first.host === '::';
  return { host: isWildcard ? address : first.host, port: first.port };
}

async function again<T>(
  ask: (signal: AbortSignal) => Promise<T | null>,
  { clock, signal, attempts = ATTEMPTS }: AskOptions,
): Promise<T | null> {
  for (let attempt = 1; attempt <= attempts && !signal.aborted; attempt += 1) {
    const deadline = new AbortController();
    const timer = clock.timer(ANSWER_MS, () => deadline.abort(new Error('no answer in time')));
    const answer = await ask(AbortSignal.any([signal, deadline.signal]));
    timer.stop();
    if (answer !== null) return answer;
  }
  return null;
}
