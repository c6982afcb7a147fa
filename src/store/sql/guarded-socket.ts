// Sockets for the drivers: they go where the endpoint says, whatever name the certificate must bear, and what a driver
// throws over bytes that it cannot read ends the connection instead of the process.
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SqlEndpoint } from './sql-store-options.ts';

/** A peer that vanished without a word is noticed within a minute or so even while nothing is asked. */
const KEEP_ALIVE_MS = 10_000;

/** A socket whose `connect` goes to the endpoint; the driver may be told another name, for which it checks the certificate. */
export function createGuardedSocket({ host, port }: SqlEndpoint): Socket {
  const socket = new Socket();
  const connect = socket.connect.bind(socket);
  socket.connect = () => connect({ host, port });
  socket.setNoDelay(true);
  socket.once('connect', () => socket.setKeepAlive(true, KEEP_ALIVE_MS));
  guardReader(socket);
  return socket;
}

/** Errors of those who read from `stream` destroy it with that error. */
export function guardReader(stream: Duplex): void {
  const emit = stream.emit.bind(stream);
  stream.emit = (event: string | symbol, ...args: unknown[]) => {
    if (event !== 'data') return emit(event, ...args);
    try {
      return emit(event, ...args);
    } catch (error) {
      stream.destroy(error instanceof Error ? error : new Error(String(error)));
      return true;
    }
  };
}
