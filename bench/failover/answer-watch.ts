// Asks name servers the same question again and again, and notes when each first gave the awaited address.
import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeMessage } from '../../src/dns/decode-message.ts';
import { encodeQuery } from '../../src/dns/encode-query.ts';
import { RR_TYPE } from '../../src/dns/rr-type.ts';

export type AnswerWatch = {
  /** Milliseconds (`performance.now`) at which each port first answered with the address. Rejects after `maxMs`. */
  readonly times: Promise<ReadonlyMap<number, number>>;
};

export type WatchOptions = {
  readonly ports: readonly number[];
  readonly address: string;
  readonly everyMs: number;
  readonly maxMs: number;
  /** Set for a resolver: it is asked to recurse. */
  readonly isRecursive?: boolean;
};

export function watchAnswers({ ports, address, everyMs, maxMs, isRecursive = false }: WatchOptions): AnswerWatch {
  return { times: watch({ ports, address, everyMs, maxMs, isRecursive }) };
}

async function watch(options: Required<WatchOptions>): Promise<ReadonlyMap<number, number>> {
  const { ports, address, everyMs, maxMs } = options;
  const found = new Map<number, number>();
  const socket = createSocket('udp4');
  socket.on('message', (bytes, { port }) => {
    const message = decodeMessage(bytes);
    if (!message.ok || found.has(port)) return;
    if (message.value.answers.some((record) => record.type === 'A' && record.text === address)) {
      found.set(port, performance.now());
    }
  });
  const query = encodeQuery({
    id: 7,
    name: 'web.ha.example.com.',
    type: RR_TYPE.A,
    recursionDesired: options.isRecursive,
    edns: null,
  });
  if (!query.ok) throw new Error(query.error);
  const until = performance.now() + maxMs;
  try {
    while (found.size < ports.length) {
      if (performance.now() > until) throw new Error(`Cannot see ${address} within ${maxMs} ms on every server`);
      for (const port of ports) if (!found.has(port)) socket.send(query.value, port, '127.0.0.1');
      await sleep(everyMs);
    }
    return found;
  } finally {
    socket.close();
  }
}
