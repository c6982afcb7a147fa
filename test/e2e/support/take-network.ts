// Addresses for one test cluster that no other has: they are drawn by lot, and test files beside each other draw the same now and then.
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { type Network, pickNetwork, REFERENCE_PORT } from './cluster-files.ts';

/** Of 57,500; more that are taken one after the other mean that something else is wrong. */
const TRIES_MAX = 5;

export type Place = { readonly network: Network; readonly reference: Server };

/** Whoever listens at the reference of a network has the network: one that another cluster has is left to it. */
export async function takeNetwork(): Promise<Place> {
  for (let tries = 1; ; tries += 1) {
    const network = pickNetwork();
    const reference = createServer((socket) => socket.destroy());
    try {
      await once(reference.listen(REFERENCE_PORT, network.reference), 'listening');
      return { network, reference };
    } catch (error) {
      if (tries === TRIES_MAX) throw error;
    }
  }
}
