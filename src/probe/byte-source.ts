// Reads a socket piece by piece, up to a bound, for protocols that are spoken by hand. What comes after the wanted piece
// goes back to the socket, so that TLS or another reader can go on from there.
import type { Socket } from 'node:net';
import { CheckFault } from './check-fault.ts';

/** A complete piece and how many bytes it took, or `more` while it is not all there. Throws CheckFault on garbage. */
export type ReadPiece<Piece> = (bytes: Buffer) => { readonly piece: Piece; readonly length: number } | 'more';

export type PieceOptions = {
  readonly maxBytes: number;
  /** Whose fault an answer is that ends early or never: the node's, or that of something in between [fail]. */
  readonly blame?: 'fail' | 'error';
};

/** Resolves with the next piece; rejects when it is malformed, larger than `maxBytes`, or the connection ends first. */
export function readPiece<Piece>(
  socket: Socket,
  read: ReadPiece<Piece>,
  { maxBytes, blame = 'fail' }: PieceOptions,
): Promise<Piece> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const leave = () => {
      socket.off('data', onData);
      socket.off('end', onEnd);
      socket.pause();
    };
    const onEnd = () => {
      leave();
      reject(new CheckFault(blame, 'the connection closed before the answer was complete'));
    };
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      try {
        const found = read(bytes);
        if (found === 'more' && bytes.length <= maxBytes) return;
        leave();
        if (found === 'more' || found.length > maxBytes) {
          reject(new CheckFault(blame, `the answer is longer than ${maxBytes} bytes`));
          return;
        }
        if (found.length < bytes.length) socket.unshift(bytes.subarray(found.length));
        resolve(found.piece);
      } catch (error) {
        leave();
        reject(error);
      }
    };
    socket.on('data', onData);
    socket.once('end', onEnd);
    socket.resume();
  });
}
