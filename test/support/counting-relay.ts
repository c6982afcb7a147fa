// A relay on loopback that counts what a provider asks, and when it asked first, without changing an octet of it.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * A call is whatever is said before the other side answers: one HTTP request, or the DNS queries that are sent in one go over one
 * connection (RFC 7766 section 6.2.1.1).
 */
export type CountingRelay = AsyncDisposable & { readonly port: number };

/** `asked` is called for each call, as soon as its first octet is here. */
export async function openCountingRelay(to: number, asked: () => void): Promise<CountingRelay> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    }
    const count = countTurns(asked);
    near.on('data', (chunk: Buffer) => {
      count.said(chunk);
      far.write(chunk);
    });
    far.on('data', (chunk: Buffer) => {
      count.answered();
      near.write(chunk);
    });
    near.once('close', () => far.destroy());
    far.once('close', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Counter = { readonly said: (chunk: Buffer) => void; readonly answered: () => void };

function countTurns(asked: () => void): Counter {
  let isOurTurn = true;
  return {
    said: () => {
      if (isOurTurn) asked();
      isOurTurn = false;
    },
    answered: () => {
      isOurTurn = true;
    },
  };
}
