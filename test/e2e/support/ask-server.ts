// Asks a running name server over UDP with our own encoder and decoder, and watches several of them over a time.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from '../../../src/config/config.ts';
import { decodeMessage, type Message } from '../../../src/dns/decode-message.ts';
import { queryOctets } from '../../support/dns/ask.ts';
import { RECORD } from './cluster-files.ts';

const ANSWER_MAX_MS = 1_000;
const TRIES = 3;
const WATCH_MS = 20;

/** Addresses that the server answers, or the reason why there are none, such as `RCODE 2` or `silent`. */
export async function addressesAt(server: Endpoint, id?: number): Promise<string> {
  const message = await askServer(server, id);
  if (message === null) return 'silent';
  if (message.rcode !== 0) return `RCODE ${message.rcode}`;
  return message.answers.map((record) => record.text).join(' ');
}

export type Sighting = { readonly server: string; readonly answer: string; readonly wallMs: number };

/** Every change of what each server answers, with the time at which the answer came. */
export function watchServers(servers: readonly Endpoint[]): { readonly stop: () => Promise<readonly Sighting[]> } {
  const sightings: Sighting[] = [];
  let isWatching = true;
  const watched = servers.map(async (server) => {
    let before = '';
    while (isWatching) {
      const answer = await addressesAt(server);
      if (answer !== before) sightings.push({ server: server.host, answer, wallMs: Date.now() });
      before = answer;
      await sleep(WATCH_MS);
    }
  });
  const stop = async (): Promise<readonly Sighting[]> => {
    isWatching = false;
    await Promise.all(watched);
    return sightings;
  };
  return { stop };
}

/** Null when the server is silent. */
async function askServer(server: Endpoint, id?: number): Promise<Message | null> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const octets = await exchange(server, queryOctets(RECORD, 'A', id === undefined ? {} : { id }));
    const message = octets === null ? null : decodeMessage(octets);
    if (message?.ok) return message.value;
  }
  return null;
}

async function exchange(server: Endpoint, query: Uint8Array): Promise<Uint8Array | null> {
  const socket = createSocket('udp4');
  try {
    socket.send(query, server.port, server.host);
    const [octets] = (await once(socket, 'message', { signal: AbortSignal.timeout(ANSWER_MAX_MS) })) as [Buffer];
    return octets;
  } catch {
    return null;
  } finally {
    socket.close();
  }
}
