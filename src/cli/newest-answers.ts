// The answers that resolvers may hold, whoever served them last: from a snapshot of this machine, or asked of the name server
// with the highest serial. A store that was restored knows older ones, and going back to them could name a node that is dead.
import type { DomainName } from '../base/ids.ts';
import type { Config } from '../config/config.ts';
import type { Rrset } from '../dns/rrset.ts';
import { compareSerials } from '../dns/serial.ts';
import { ownershipName } from '../plan/ownership.ts';
import { askNameServer, askTexts } from '../probe/ask-name-server.ts';
import { type AskOptions, type PeerState, reachableServer } from './ask-peers.ts';
import type { KeptZone, LeftBehind } from './left-behind.ts';

export type NewestOptions = {
  readonly known: LeftBehind;
  readonly peers: readonly PeerState[];
  readonly context: AskOptions;
};

const ANSWER_MS = 700;

/** For every zone of which anything is known: its managed answers, and the highest serial that anybody has seen (S29). */
export async function newestAnswers(config: Config, options: NewestOptions): Promise<readonly KeptZone[]> {
  const zones = await Promise.all(config.dns.zones.map(({ name }) => newestOf(config, name, options)));
  return zones.filter((zone) => zone !== null);
}

async function newestOf(
  config: Config,
  zone: DomainName,
  { known, peers, context }: NewestOptions,
): Promise<KeptZone | null> {
  const kept = known.zones.find((snapshot) => snapshot.zone === zone) ?? null;
  const [newest] = peers
    .flatMap(({ prober, zones }) => {
      const serial = zones?.get(zone);
      return serial === undefined ? [] : [{ prober, serial }];
    })
    .sort((one, other) => (compareSerials(one.serial, other.serial) === 'greater' ? -1 : 1));
  if (newest === undefined || (kept !== null && compareSerials(newest.serial, kept.serial) !== 'greater')) return kept;
  const prober = config.cluster.probers.find(({ id }) => id === newest.prober);
  const server = prober === undefined ? null : reachableServer(prober);
  if (server === null) return kept;
  const names = config.services.map(({ record }) => record.name).filter((name) => name.endsWith(`.${zone}`));
  const rrsets = await Promise.all(names.map((name) => answersFor(name, server, context)));
  return { zone, serial: newest.serial, rrsets: rrsets.flat() };
}

async function answersFor(
  name: DomainName,
  server: { readonly host: string; readonly port: number },
  { clock, signal }: AskOptions,
): Promise<readonly Rrset[]> {
  const deadline = new AbortController();
  const timer = clock.timer(2 * ANSWER_MS, () => deadline.abort(new Error('no answer in time')));
  const until = { signal: AbortSignal.any([signal, deadline.signal]) };
  const rrsets: Rrset[] = [];
  // The CNAME first: where there is one, the addresses are those of its target.
  for (const type of ['CNAME', 'A', 'AAAA'] as const) {
    const answer = await askNameServer({ server, name, type }, until);
    if (answer.kind !== 'answer' || answer.ttlSeconds === null) continue;
    rrsets.push({ name, type, ttlSeconds: answer.ttlSeconds, values: answer.values });
    if (type === 'CNAME') break;
  }
  const owner = ownershipName(name);
  const texts = (await askTexts({ server, name: owner }, until)) ?? [];
  if (texts.length > 0) rrsets.push({ name: owner, type: 'TXT', ttlSeconds: 1, values: texts.map(quoted) });
  timer.stop();
  return rrsets;
}

function quoted(text: string): string {
  return text.startsWith('"') ? text : `"${text}"`;
}
