// Clients for tests of a live name server: one datagram, or one TCP connection that collects whole messages.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Endpoint } from '../../../src/config/config.ts';

/** Sends datagrams from one socket and resolves with the first answer. */
export async function exchangeUdp(server: Endpoint, ...messages: readonly Uint8Array[]): Promise<Uint8Array> {
  const socket = createSocket(server.host.includes(':') ? 'udp6' : 'udp4');
  try {
    for (const message of messages) socket.send(message, server.port, server.host);
    const [response] = (await once(socket, 'message')) as [Buffer];
    return response;
  } finally {
    socket.close();
  }
}

export type TcpClient = AsyncDisposable & {
  readonly socket: Socket;
  /** The next `count` whole messages. Rejects when the server closes before they are there. */
  readonly receive: (count: number) => Promise<readonly Uint8Array[]>;
  /** Resolves when the server has closed the connection. */
  readonly closed: Promise<unknown>;
};

export async function connectTcp(server: Endpoint): Promise<TcpClient> {
  const socket = connect({ host: server.host, port: server.port });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  // Resets are what some tests wait for; they look at `closed`.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  let input = Buffer.alloc(0);
  const receive = async (count: number): Promise<readonly Uint8Array[]> => {
    const messages: Uint8Array[] = [];
    while (messages.length < count) {
      const length = input.length < 2 ? Number.POSITIVE_INFINITY : input.readUInt16BE(0);
      if (input.length >= 2 + length) {
        messages.push(input.subarray(2, 2 + length));
        input = input.subarray(2 + length);
        continue;
      }
      const chunk = socket.read() as Buffer | null;
      if (chunk !== null) input = Buffer.concat([input, chunk]);
      else if (socket.destroyed || socket.readableEnded)
        throw new Error(`Cannot receive: closed after ${messages.length}`);
      else await Promise.race([once(socket, 'readable'), closed]);
    }
    return messages;
  };
  const dispose = async (): Promise<void> => {
    socket.destroy();
    await closed;
  };
  return { socket, receive, closed, [Symbol.asyncDispose]: dispose };
}

/** A message with its two-octet length, as TCP carries it. */
export function framed(message: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}
