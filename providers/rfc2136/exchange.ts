// Sends signed messages to the primary over one TCP connection and waits for all answers (RFC 7766 section 6.2.1.1). Never over
// UDP: a connection that is refused shows that nothing was sent, and a short answer cannot hide that an UPDATE was done (S26).
import { connect, type Socket } from 'node:net';
import { signMessage } from '../../src/dns/sign-message.ts';
import { type Answer, readAnswer } from './answer.ts';
import { type Primary, primaryText } from './primary.ts';

/** `wasSent`: whether the server may have acted upon what it got. */
export type Exchange =
  | { readonly kind: 'answered'; readonly answers: readonly Answer[] }
  | { readonly kind: 'unanswered'; readonly wasSent: boolean; readonly reason: string };

type Sent = { readonly id: number; readonly query: Uint8Array; readonly mac: Uint8Array };

/** Two octets before each message (RFC 1035 section 4.2.2). */
const LENGTH_OCTETS = 2;

/** `messages` are unsigned and differ in their ids. The answers come in their order. */
export async function exchange(
  primary: Primary,
  messages: readonly Uint8Array[],
  { signal }: { readonly signal: AbortSignal },
): Promise<Exchange> {
  if (messages.length === 0) return { kind: 'answered', answers: [] };
  const server = primaryText(primary);
  if (signal.aborted) return notSent('the deadline passed before anything was sent');
  const nowSeconds = Math.floor(primary.clock.wallMs() / 1_000);
  const sent: Sent[] = [];
  const frames: Uint8Array[] = [];
  for (const query of messages) {
    const signed = signMessage(query, { key: primary.key, nowSeconds });
    if (!signed.ok) return notSent(signed.error);
    const { octets, mac } = signed.value;
    sent.push({ id: idOf(query), query, mac });
    frames.push(Uint8Array.from([octets.length >> 8, octets.length & 0xff]), octets);
  }
  const received = await converse(primary, Buffer.concat(frames), { count: messages.length, signal });
  if (received.kind === 'failed') {
    return { kind: 'unanswered', wasSent: received.wasSent, reason: `${server} ${received.reason}` };
  }
  const byId = new Map(received.frames.map((frame) => [idOf(frame), frame]));
  // The clock of now: an answer may have waited in the network, and its time must fit to when it is read.
  const readSeconds = Math.floor(primary.clock.wallMs() / 1_000);
  const answers = sent.map(({ id, query, mac }): Answer => {
    const octets = byId.get(id);
    if (octets === undefined) return { kind: 'invalid', reason: `${server} answered with an id that was not asked` };
    return readAnswer(octets, { query, server, key: primary.key, requestMac: mac, nowSeconds: readSeconds });
  });
  return { kind: 'answered', answers };
}

function notSent(reason: string): Exchange {
  return { kind: 'unanswered', wasSent: false, reason };
}

type Conversation =
  | { readonly kind: 'done'; readonly frames: readonly Uint8Array[] }
  | { readonly kind: 'failed'; readonly wasSent: boolean; readonly reason: string };

/** Writes once and reads `count` messages. Always resolves, at the latest when the time of the primary is over. */
function converse(
  { server, clock, timeoutMs }: Primary,
  octets: Uint8Array,
  { count, signal }: { readonly count: number; readonly signal: AbortSignal },
): Promise<Conversation> {
  return new Promise((resolve) => {
    let wasSent = false;
    const reader = new FrameReader();
    const socket: Socket = connect({ host: server.host, port: server.port });
    const end = (conversation: Conversation) => {
      timer.stop();
      signal.removeEventListener('abort', abort);
      socket.destroy();
      resolve(conversation);
    };
    const fail = (reason: string) => end({ kind: 'failed', wasSent, reason });
    const timer = clock.timer(timeoutMs, () => fail(`did not answer within ${timeoutMs} ms`));
    const abort = () => fail('did not answer before the deadline');
    signal.addEventListener('abort', abort, { once: true });
    socket.setNoDelay(true);
    socket.on('connect', () => {
      wasSent = true;
      socket.write(octets);
    });
    socket.on('data', (chunk: Buffer) => {
      const frames = reader.take(chunk, count);
      if (frames.length === count) end({ kind: 'done', frames });
    });
    socket.on('error', (error: NodeJS.ErrnoException) =>
      fail(
        wasSent
          ? `broke the connection: ${error.code ?? error.message}`
          : `cannot be reached: ${error.code ?? error.message}`,
      ),
    );
    socket.on('close', () => fail('closed the connection without an answer'));
  });
}

/** Collects whole messages; what comes after the last one that was asked for is not kept, so memory is bounded. */
class FrameReader {
  readonly #frames: Uint8Array[] = [];
  #rest: Buffer = Buffer.alloc(0);

  take(chunk: Buffer, count: number): readonly Uint8Array[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#frames.length < count && this.#rest.length >= LENGTH_OCTETS) {
      const end = LENGTH_OCTETS + this.#rest.readUInt16BE(0);
      if (this.#rest.length < end) break;
      this.#frames.push(Uint8Array.from(this.#rest.subarray(LENGTH_OCTETS, end)));
      this.#rest = this.#rest.subarray(end);
    }
    return this.#frames;
  }
}

function idOf(message: Uint8Array): number {
  return ((message[0] ?? 0) << 8) | (message[1] ?? 0);
}
