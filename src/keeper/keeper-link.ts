// One connection to a keeper: requests go out with a number, answers find them by it, and all that wait are told when the
// connection ends. Whether there is another one is decided by start-keeper.ts.
import { createConnection, type Socket } from 'node:net';
import { OneupError } from '../base/oneup-error.ts';
import type { KeptExit } from '../ports/keeper.ts';
import {
  encodeLine,
  type FromKeeper,
  type KeeperAnswer,
  type KeeperRequest,
  LINE_MAX_BYTES,
} from './keeper-protocol.ts';
import { splitLines } from './split-lines.ts';

/** The connection ended or could not be made; the request may have been carried out. Safe to ask again. */
export class LinkLost extends Error {
  /** Whether nobody listens there at all. */
  readonly isNobodyThere: boolean;

  constructor(reason: string, isNobodyThere: boolean) {
    super(reason);
    this.name = 'LinkLost';
    this.isNobodyThere = isNobodyThere;
  }
}

export type KeeperLink = {
  /** Rejects with LinkLost, with ONEUP_AGENT_KEEPER when the keeper refuses to take it, or with the signal's reason. */
  readonly ask: (request: KeeperRequest, signal: AbortSignal) => Promise<KeeperAnswer>;
  readonly close: () => void;
};

export type LinkListener = {
  readonly onExit: (service: string, exit: KeptExit) => void;
  /** Called once, after everything that waited was told. */
  readonly onLost: () => void;
};

type Waiting = { readonly resolve: (answer: KeeperAnswer) => void; readonly reject: (error: Error) => void };

/** A list of all services a keeper takes, each with its last exit, fits many times. */
const ANSWER_MAX_BYTES = 1_024 * 1_024;

/** Works at once: what is asked before the connection stands goes out when it does. */
export function openLink(path: string, { onExit, onLost }: LinkListener): KeeperLink {
  const waiting = new Map<number, Waiting>();
  const socket = createConnection(path);
  let lastId = 0;
  let lost = new LinkLost('Cannot reach the keeper: the connection ended', false);

  function take(line: string): void {
    const message = parseMessage(line);
    if (message === null) return void socket.destroy();
    if (message.kind === 'exit') return onExit(message.service, message.exit);
    if (message.id === null) return;
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.kind === 'answer') asked?.resolve(message.answer);
    else asked?.reject(new OneupError('ONEUP_AGENT_KEEPER', message.reason));
  }

  socket.on('data', splitLines(ANSWER_MAX_BYTES, { onLine: take, onTooLong: () => socket.destroy() }));
  socket.on('error', (error) => {
    lost = new LinkLost(`Cannot reach the keeper: ${error.message}`, isNobodyThere(error));
  });
  socket.once('close', () => {
    for (const { reject } of waiting.values()) reject(lost);
    waiting.clear();
    onLost();
  });
  return {
    close: () => void socket.destroy(),
    ask: (request, signal) => {
      lastId += 1;
      const id = lastId;
      const line = encodeLine({ ...request, id });
      return send({ socket, line, signal, lost: () => lost }, waiting, id);
    },
  };
}

type Sending = {
  readonly socket: Socket;
  readonly line: string;
  readonly signal: AbortSignal;
  readonly lost: () => LinkLost;
};

async function send(sending: Sending, waiting: Map<number, Waiting>, id: number): Promise<KeeperAnswer> {
  const { socket, line, signal, lost } = sending;
  if (Buffer.byteLength(line) > LINE_MAX_BYTES)
    throw new OneupError('ONEUP_AGENT_KEEPER', `Cannot ask the keeper: longer than ${LINE_MAX_BYTES} bytes`, {
      remedy: 'Shorten the arguments and the environment of the service',
    });
  signal.throwIfAborted();
  if (socket.destroyed) throw lost();
  const { promise, resolve, reject } = Promise.withResolvers<KeeperAnswer>();
  const giveUp = () => reject(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  waiting.set(id, { resolve, reject });
  socket.write(line);
  try {
    return await promise;
  } finally {
    waiting.delete(id);
    signal.removeEventListener('abort', giveUp);
  }
}

function parseMessage(line: string): FromKeeper | null {
  try {
    const value = JSON.parse(line) as FromKeeper | null;
    return typeof value === 'object' && value !== null && 'kind' in value ? value : null;
  } catch {
    return null;
  }
}

function isNobodyThere(error: Error): boolean {
  return 'code' in error && (error.code === 'ENOENT' || error.code === 'ECONNREFUSED');
}
