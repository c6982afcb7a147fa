// A primary on loopback that verifies requests, has one empty zone and takes every update; its answers can be spoiled on the way
// out. Real servers do not lie on request, so this one does.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { decodeMessage } from '../../../src/dns/decode-message.ts';
import { signMessage } from '../../../src/dns/sign-message.ts';
import type { TsigKey } from '../../../src/dns/tsig-key.ts';
import { OPCODE_UPDATE } from '../../../src/dns/update.ts';
import { verifyMessage } from '../../../src/dns/verify-message.ts';

export type Reply = {
  /** The honest answer before it is signed. */
  readonly answer: Uint8Array;
  readonly requestMac: Uint8Array;
  /** Signs as an honest server does. */
  readonly sign: (
    answer: Uint8Array,
    options?: { readonly key?: TsigKey; readonly nowSeconds?: number; readonly requestMac?: Uint8Array },
  ) => Uint8Array;
};

/** Octets in place of the answer; null closes the connection, 'silence' says nothing. */
export type Lie = (reply: Reply) => Uint8Array | null | 'silence';

export type LyingPrimary = AsyncDisposable & {
  readonly port: number;
  /** What becomes of answers to queries, and to updates with a step. */
  readonly lieTo: (lies: { readonly queries?: Lie; readonly writes?: Lie }) => void;
  /** How the octets of one answer reach the network. */
  readonly deliverAs: (pieces: (said: Uint8Array) => readonly Uint8Array[]) => void;
  /** Updates with a step that arrived. */
  readonly writes: () => number;
};

const SOA = 'c00c00060001000000 3c0016 00 00 00000001 0000000a0000000a0000000a0000000a'.replaceAll(' ', '');

export async function startLyingPrimary(key: TsigKey): Promise<LyingPrimary> {
  const sockets = new Set<Socket>();
  let lies: { readonly queries?: Lie; readonly writes?: Lie } = {};
  let writes = 0;
  let pieces = (said: Uint8Array): readonly Uint8Array[] => [said];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    let rest = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
        const octets = Uint8Array.from(rest.subarray(2, 2 + rest.readUInt16BE(0)));
        rest = rest.subarray(2 + octets.length);
        const isWrite = isUpdateWithSteps(octets);
        if (isWrite) writes += 1;
        const honest = replyTo(octets, key);
        const lie = isWrite ? lies.writes : lies.queries;
        const said = lie === undefined ? honest.sign(honest.answer) : lie(honest);
        if (said === null) socket.destroy();
        else if (said !== 'silence') {
          for (const piece of pieces(Uint8Array.from([said.length >> 8, said.length & 0xff, ...said])))
            socket.write(piece);
        }
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    lieTo: (next) => {
      lies = next;
    },
    deliverAs: (next) => {
      pieces = next;
    },
    writes: () => writes,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function replyTo(octets: Uint8Array, key: TsigKey): Reply {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const verified = verifyMessage(octets, { key, nowSeconds });
  if (verified.kind !== 'verified') throw new Error(`the request is ${verified.kind}`);
  const message = decodeMessage(verified.message);
  if (!message.ok) throw new Error(message.error);
  const [question] = message.value.questions;
  // Up to here the request holds header and question; what follows is not repeated (RFC 2136 section 3.8).
  const end = endOfQuestion(verified.message);
  const hasSoa = message.value.opcode === 0 && question?.type === 'SOA';
  const answer = Uint8Array.from([...verified.message.subarray(0, end), ...(hasSoa ? Buffer.from(SOA, 'hex') : [])]);
  answer.set([(message.value.opcode << 3) | 0x84, 0, 0, 1, 0, hasSoa ? 1 : 0, 0, 0, 0, 0], 2);
  return {
    answer,
    requestMac: verified.mac,
    sign: (unsigned, options = {}) => {
      const signed = signMessage(unsigned, { key, nowSeconds, requestMac: verified.mac, ...options });
      if (!signed.ok) throw new Error(signed.error);
      return signed.value.octets;
    },
  };
}

function endOfQuestion(message: Uint8Array): number {
  let position = 12;
  while ((message[position] ?? 0) !== 0) position += 1 + (message[position] ?? 0);
  return position + 5;
}

function isUpdateWithSteps(octets: Uint8Array): boolean {
  return (((octets[2] ?? 0) >> 3) & 0x0f) === OPCODE_UPDATE && (octets[8] ?? 0) + (octets[9] ?? 0) > 0;
}
