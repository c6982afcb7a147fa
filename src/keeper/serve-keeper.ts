// The socket of the keeper: reads requests line by line, answers each, and tells every client when a service ends. A client
// that sends rubbish, or does not read, costs a bounded amount of memory and nothing else.
import { createServer, type Server, type Socket } from 'node:net';
import { assertNever } from '../base/assert-never.ts';
import type { KeptExit, UnitAnswer } from '../ports/keeper.ts';
import {
  encodeLine,
  type FromKeeper,
  type KeeperAnswer,
  LINE_MAX_BYTES,
  type ToKeeper,
  type WireHello,
} from './keeper-protocol.ts';
import type { KeptServices } from './kept-services.ts';
import { parseRequest } from './parse-request.ts';
import { splitLines } from './split-lines.ts';

export type KeeperServer = {
  readonly server: Server;
  readonly tellExit: (service: string, exit: KeptExit) => void;
};

/** What requests wait for: it is there once the keeper knows whether it binds. */
export type ServedKeeper = {
  readonly services: KeptServices;
  readonly self: Omit<WireHello, 'services'>;
  /** Never rejects. */
  readonly judgeUnit: (unit: string, isOurs: () => boolean) => Promise<UnitAnswer>;
};

/** One agent, the one that replaces it, a person who looks, and many commands of run-if-active; the rest is a fault. */
const CONNECTIONS_MAX = 256;
/** Requests of one client that wait for their answer, most of them for a service to stop. */
const OPEN_REQUESTS_MAX = 1_024;
/** A client that does not read its answers is cut off. */
const UNREAD_MAX_BYTES = 4 * 1_024 * 1_024;

export function serveKeeper(served: Promise<ServedKeeper>): KeeperServer {
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    socket.on('error', () => {});
    if (clients.size >= CONNECTIONS_MAX) {
      const reason = `Cannot serve another client: there are ${CONNECTIONS_MAX}`;
      socket.end(encodeLine({ kind: 'error', id: null, reason }));
      socket.resume();
      return;
    }
    clients.add(socket);
    socket.once('close', () => clients.delete(socket));
    serveClient(socket, served);
  });
  return {
    server,
    tellExit: (service, exit) => {
      for (const socket of clients) say(socket, { kind: 'exit', service, exit });
    },
  };
}

function serveClient(socket: Socket, served: Promise<ServedKeeper>): void {
  let openCount = 0;
  const gone = new AbortController();
  socket.once('close', () => gone.abort());

  async function answer(request: ToKeeper): Promise<void> {
    openCount += 1;
    try {
      say(socket, { kind: 'answer', id: request.id, answer: await perform(request, await served, gone.signal) });
    } catch (error) {
      say(socket, { kind: 'error', id: request.id, reason: error instanceof Error ? error.message : String(error) });
    }
    openCount -= 1;
  }

  function take(line: string): void {
    const request = parseRequest(line);
    if (!request.ok) return say(socket, { kind: 'error', ...request.error });
    if (openCount < OPEN_REQUESTS_MAX) return void answer(request.value);
    const reason = `Cannot take request: ${OPEN_REQUESTS_MAX} wait for their answer`;
    say(socket, { kind: 'error', id: request.value.id, reason });
  }

  function refuseRest(): void {
    const reason = `Cannot read request: the line is longer than ${LINE_MAX_BYTES} bytes`;
    say(socket, { kind: 'error', id: null, reason });
    socket.end();
  }

  socket.on('data', splitLines(LINE_MAX_BYTES, { onLine: take, onTooLong: refuseRest }));
}

async function perform(request: ToKeeper, served: ServedKeeper, gone: AbortSignal): Promise<KeeperAnswer> {
  const { services, self, judgeUnit } = served;
  switch (request.kind) {
    case 'hello':
      return { ...self, services: services.views() };
    case 'arm':
      return services.arm(request);
    case 'spawn':
      return services.spawn(request);
    case 'host':
      return services.host(request, gone);
    case 'stop':
      return services.stop(request);
    case 'unit':
      return judgeUnit(request.unit, () => services.isKept(request.service));
    default:
      return assertNever(request);
  }
}

function say(socket: Socket, message: FromKeeper): void {
  if (socket.destroyed || socket.writableEnded) return;
  socket.write(encodeLine(message));
  if (socket.writableLength > UNREAD_MAX_BYTES) socket.destroy();
}
