// A relay to a real server that changes, cuts or doubles some bytes of what the server says, by a seed: what a broken server
// or a broken way to it may send.
import { connect } from 'node:net';
import { type Listening, rawServer } from './look.ts';

export function manglingRelay(port: number, seed: number): Promise<Listening> {
  const next = numbers(seed);
  const at = next() % 200;
  const kind = next() % 3;
  return rawServer((client) => {
    const server = connect(port, '127.0.0.1');
    let seen = 0;
    server.on('error', () => client.destroy());
    server.on('close', () => client.end());
    client.on('close', () => server.destroy());
    client.on('data', (chunk: Buffer) => server.write(chunk));
    server.on('data', (chunk: Buffer) => {
      const place = at - seen;
      seen += chunk.length;
      client.write(place >= 0 && place < chunk.length ? mangle(chunk, place, { kind, byte: next() % 256 }) : chunk);
    });
  });
}

function mangle(
  chunk: Buffer,
  place: number,
  { kind, byte }: { readonly kind: number; readonly byte: number },
): Buffer {
  const [before, after] = [chunk.subarray(0, place), chunk.subarray(place + 1)];
  if (kind === 0) return Buffer.concat([before, Buffer.from([byte]), after]);
  if (kind === 1) return Buffer.concat([before, after]);
  return Buffer.concat([before, chunk.subarray(place, place + 40), chunk.subarray(place)]);
}

/** Numerical Recipes' generator: the same row for the same seed. */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}
