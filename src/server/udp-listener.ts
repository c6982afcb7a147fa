// One UDP socket: datagram in, datagram out, nothing kept in between. Whatever arrives or fails, the socket stays open.
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Endpoint } from '../config/config.ts';
import { listenFailure } from './listen-failure.ts';
import type { Responder } from './responder.ts';
import type { ServerCounters } from './server-counters.ts';

/**
 * Datagrams handed to the kernel and not yet taken. Sends normally finish at once; when the link is so full that they
 * do not, answers beyond this are late anyway, and dropping them is what UDP clients expect.
 */
const SENDS_PENDING_MAX = 1_024;
/** Room for a burst of about 10000 queries while one slow task holds the loop. The kernel may grant less. */
const RECEIVE_BUFFER_OCTETS = 2 * 1024 * 1024;

export type UdpListenerOptions = {
  readonly endpoint: Endpoint;
  readonly responder: Responder;
  readonly counters: ServerCounters;
  readonly onError: (error: Error) => void;
};

export type UdpListener = AsyncDisposable & { readonly port: number };

/** Opens the socket. Throws OneupError (ONEUP_PORT_IN_USE, ONEUP_LISTEN_FAILED) when the endpoint cannot be had. */
export async function listenUdp({ endpoint, responder, counters, onError }: UdpListenerOptions): Promise<UdpListener> {
  const isIpv6 = isIPv6(endpoint.host);
  const socket = createSocket({
    type: isIpv6 ? 'udp6' : 'udp4',
    ipv6Only: isIpv6,
    recvBufferSize: RECEIVE_BUFFER_OCTETS,
    // Addresses come from the kernel and need no resolver; without this every send would wait for one.
    lookup: (address, _options, callback) => callback(null, address, isIpv6 ? 6 : 4),
  });
  await bind(socket, endpoint);
  socket.on('error', onError);
  let sendsPending = 0;
  const sent = (error: Error | null): void => {
    sendsPending -= 1;
    if (error !== null) counters.dropped.unsent += 1;
  };
  socket.on('message', (message: Buffer, { port, address }: RemoteInfo) => {
    // A source port of 0 is legal on the wire, cannot be answered, and makes send throw.
    if (port === 0) {
      counters.dropped.unanswerable += 1;
      return;
    }
    const response = responder.respond(message, 'udp');
    if (response === null) return;
    if (sendsPending >= SENDS_PENDING_MAX) {
      counters.dropped.unsent += 1;
      return;
    }
    sendsPending += 1;
    // A copy: the writer is used again before the kernel has taken this datagram.
    socket.send(Buffer.from(response), port, address, sent);
  });
  return { port: socket.address().port, [Symbol.asyncDispose]: () => close(socket) };
}

function bind(socket: Socket, endpoint: Endpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => {
      socket.close();
      reject(listenFailure(cause, endpoint, 'udp'));
    };
    socket.once('error', fail);
    socket.bind({ address: endpoint.host, port: endpoint.port, exclusive: true }, () => {
      socket.off('error', fail);
      resolve();
    });
  });
}

function close(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.close(() => resolve());
  });
}
