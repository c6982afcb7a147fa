// A relay before a server of dynamic updates that lets queries through and does to an UPDATE what a network can do: lose the
// answer, lose the request, or keep it and deliver it later.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export type UpdateFate = 'pass' | 'loseAnswer' | 'loseRequest' | 'hold';

export type DelayedWrite = {
  /** Response code of the server. */
  readonly outcome: Promise<number>;
};

export type UpdateRelay = AsyncDisposable & {
  readonly port: number;
  readonly setFate: (fate: UpdateFate) => void;
  /** Done once, when the next write has arrived and before it is passed on: what happens between a reading and its write. */
  readonly setBeforeWrite: (work: () => Promise<void>) => DelayedWrite;
  /** Requests to change something that have arrived. */
  readonly writes: () => number;
  /** How many requests are held back. */
  readonly held: () => number;
  /** Delivers what was held back; answers with the response code of each. */
  readonly release: () => Promise<readonly number[]>;
};

const LENGTH_OCTETS = 2;
const OPCODE_UPDATE = 5;

export async function openUpdateRelay(to: number, initial: UpdateFate = 'pass'): Promise<UpdateRelay> {
  const sockets = new Set<Socket>();
  const held: Buffer[] = [];
  let fate = initial;
  let writes = 0;
  let beforeWrite: ((frame: Buffer) => Promise<Buffer>) | null = null;
  const track = (socket: Socket) => {
    sockets.add(socket);
    return socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    track(near);
    const far = track(connect(to, '127.0.0.1'));
    let losesAnswer = false;
    let isDelayed = false;
    // A server closes what is idle for some seconds; a delayed write has a connection of its own.
    far.once('close', () => isDelayed || near.destroy());
    near.once('close', () => far.destroy());
    onFrames(near, (frame) => {
      if (isWrite(frame)) writes += 1;
      if (!isWrite(frame)) far.write(frame);
      else if (fate === 'pass') {
        const delay = beforeWrite;
        beforeWrite = null;
        if (delay === null) far.write(frame);
        else {
          isDelayed = true;
          void delay(frame).then(
            (answer) => near.write(answer),
            () => near.destroy(),
          );
        }
      } else if (fate === 'loseAnswer') {
        losesAnswer = true;
        far.write(frame);
      } else {
        if (fate === 'hold') held.push(frame);
        near.destroy();
      }
    });
    onFrames(far, (frame) => {
      if (losesAnswer) near.destroy();
      else near.write(frame);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    setFate: (next) => {
      fate = next;
    },
    setBeforeWrite: (work) => {
      const outcome = Promise.withResolvers<number>();
      // Whoever does not look at it is told by the answer of the write.
      outcome.promise.catch(() => {});
      beforeWrite = async (frame) => {
        try {
          await work();
          const answer = await deliver(to, frame);
          outcome.resolve(rcodeOf(answer));
          return answer;
        } catch (error) {
          outcome.reject(error);
          throw error;
        }
      };
      return { outcome: outcome.promise };
    },
    writes: () => writes,
    held: () => held.length,
    release: async () => {
      const rcodes: number[] = [];
      for (const frame of held.splice(0)) rcodes.push(rcodeOf(await deliver(to, frame)));
      return rcodes;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** An UPDATE with steps; one that has only prerequisites is a question (RFC 2136 section 2.2, UPCOUNT). */
function isWrite(frame: Buffer): boolean {
  const isUpdate = (((frame[LENGTH_OCTETS + 2] ?? 0) >> 3) & 0x0f) === OPCODE_UPDATE;
  return isUpdate && frame.readUInt16BE(LENGTH_OCTETS + 8) > 0;
}

function rcodeOf(frame: Buffer): number {
  return (frame[LENGTH_OCTETS + 3] ?? 0) & 0x0f;
}

/** Sends one framed message and resolves with its answer. */
function deliver(port: number, frame: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(frame));
    socket.once('error', reject).once('close', () => reject(new Error('no answer')));
    onFrames(socket, (answer) => {
      resolve(answer);
      socket.destroy();
    });
  });
}

/** Calls with every whole message, its length before it. */
function onFrames(socket: Socket, call: (frame: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= LENGTH_OCTETS && rest.length >= LENGTH_OCTETS + rest.readUInt16BE(0)) {
      const end = LENGTH_OCTETS + rest.readUInt16BE(0);
      call(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
  });
}
