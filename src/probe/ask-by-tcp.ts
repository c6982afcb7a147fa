// One DNS question over TCP (RFC 7766). dns2's own TCP client has no timeout and keeps its socket for as long as a silent server
// likes, so dns2 writes and reads the messages and the socket is ours: it is gone at the deadline.
import { randomInt } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { Packet } from 'dns2';

/** RFC 1035 section 4.2.2: the length before a message has 16 bits. */
const LENGTH_OCTETS = 2;
const ID_MAX = 65_536;

export type TcpQuestion = { readonly name: string; readonly type: number; readonly isRecursive: boolean };

/** The parsed answer. Rejects at the deadline, for an answer with another id, and for what the socket says. */
export async function askByTcp(
  { host, port }: { readonly host: string; readonly port: number },
  { name, type, isRecursive }: TcpQuestion,
  signal: AbortSignal,
): Promise<Packet> {
  const query = new Packet();
  query.header.id = randomInt(ID_MAX);
  query.header.rd = isRecursive ? 1 : 0;
  query.questions.push({ name, type, class: Packet.CLASS.IN } as (typeof query.questions)[number]);
  const message = query.toBuffer();
  const length = Buffer.alloc(LENGTH_OCTETS);
  length.writeUInt16BE(message.length);
  if (signal.aborted) throw new Error('no answer before the deadline');
  const socket = connect({ host, port });
  // Not the signal of `connect`: its listener stays when the socket is gone, and a term asks again and again.
  const stop = () => socket.destroy(new Error('no answer before the deadline'));
  signal.addEventListener('abort', stop, { once: true });
  try {
    socket.write(Buffer.concat([length, message]));
    const answer = Packet.parse(await readMessage(socket));
    if (answer.header.id !== query.header.id) throw new Error('it answered with another id');
    return answer;
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}

/** No longer than the 64 KiB that its length can say. */
function readMessage(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let read = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      read = Buffer.concat([read, chunk]);
      if (read.length < LENGTH_OCTETS) return;
      const end = LENGTH_OCTETS + read.readUInt16BE(0);
      if (read.length >= end) resolve(read.subarray(LENGTH_OCTETS, end));
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('it closed the connection without an answer')));
  });
}
