// One connection to one ZooKeeper server, from its opening to its end. It never reconnects and never repeats anything: what
// was sent and not answered when it ends is in doubt, and its caller is told so.
import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../../base/clock.ts';
import { OneupError } from '../../base/oneup-error.ts';
import { FrameSplitter } from './frame-splitter.ts';
import {
  closingFrame,
  identityFrame,
  openingFrame,
  pingFrame,
  questionFrame,
  readEventPath,
  readOpened,
  readReplyHeader,
  XID,
} from './greeting.ts';
import { JuteError } from './jute-error.ts';
import { JuteReader } from './jute-reader.ts';
import { faultCode } from './open-socket.ts';
import { type Answer, PendingQuestions } from './pending-questions.ts';
import type { Question } from './questions.ts';
import { CODE, refusal } from './reply-codes.ts';

/** The server's default limit of one packet (jute.maxbuffer); it drops a connection that sends more. */
const PACKET_BYTES_MAX = 0xfffff;
/** Asked for; the server answers with what it grants. */
const SESSION_TIMEOUT_MS = 10_000;
/** Pings per session timeout; the server ends a session that is silent for the whole of it. */
const PINGS_PER_TIMEOUT = 3;
/** Looks at the clock per longest silence. */
const LOOKS_PER_SILENCE = 4;
/** Numbers of questions start again before they leave 31 bits. */
const XID_MAX = 0x7fffffff;

export type ConnectionOptions = {
  /** Connected already, and encrypted where it must be. */
  readonly socket: Duplex;
  /** For messages: host and port. */
  readonly name: string;
  readonly identity: { readonly username: string; readonly password: string } | null;
  readonly clock: Clock;
  /** A server that owes an answer for this long is given up. */
  readonly silenceMaxMs: number;
  /** The same before a session is granted. */
  readonly openingMaxMs: number;
  /** Something happened to the znode at this path. A hint. */
  readonly onEvent: (path: string) => void;
};

export class ZookeeperConnection {
  /** Resolves with the reason when the connection has ended. Never rejects. */
  readonly ended: Promise<OneupError>;
  readonly #on: ConnectionOptions;
  readonly #splitter = new FrameSplitter();
  readonly #pending = new PendingQuestions();
  readonly #opened = Promise.withResolvers<void>();
  #announceEnd: (reason: OneupError) => void;
  #endReason: OneupError | null = null;
  #isOpen = false;
  #xid = 0;
  #owedSinceMonoMs: number | null;
  #heardMonoMs: number;
  #sentMonoMs: number;
  #pingEveryMs = SESSION_TIMEOUT_MS / PINGS_PER_TIMEOUT;
  #looksInSilence = 0;
  #timer: Timer | null = null;

  constructor(options: ConnectionOptions) {
    this.#on = options;
    const now = options.clock.monotonicMs();
    this.#heardMonoMs = now;
    this.#sentMonoMs = now;
    this.#owedSinceMonoMs = now;
    const { promise, resolve } = Promise.withResolvers<OneupError>();
    this.ended = promise;
    this.#announceEnd = resolve;
    this.#opened.promise.catch(() => undefined);
    const { socket } = options;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (cause) => this.#end(unreachable(this.#on.name, cause.message, cause)));
    socket.on('close', () => this.#end(unreachable(this.#on.name, 'the server closed the connection')));
    this.#write(openingFrame(SESSION_TIMEOUT_MS));
    this.#look();
  }

  /** Resolves when the server has granted a session. */
  opened(): Promise<void> {
    return this.#opened.promise;
  }

  /** Throws when nothing was sent. Once it has returned, a rejection means that the answer is in doubt. */
  ask<T>(question: Question<T>): Promise<Answer<T>> {
    if (this.#endReason !== null) throw this.#endReason;
    this.#xid = this.#xid === XID_MAX ? 1 : this.#xid + 1;
    const frame = questionFrame(this.#xid, question);
    if (frame.length - 4 > PACKET_BYTES_MAX) throw tooLarge(frame.length - 4);
    this.#pending.assertRoom(frame.length);
    this.#write(frame);
    return this.#pending.add(question, { xid: this.#xid, bytes: frame.length, sentMonoMs: this.#sentMonoMs });
  }

  /** Ends the session and the connection. Safe to repeat. */
  close(): void {
    if (this.#endReason !== null) return;
    if (this.#isOpen) this.#write(closingFrame(this.#xid + 1));
    this.#on.socket.end();
    this.#end(unreachable(this.#on.name, 'this process closed the connection'));
  }

  /** Ends the connection at once, for a reason found elsewhere. */
  drop(reason: OneupError): void {
    this.#end(reason);
  }

  #write(frame: Buffer): void {
    this.#sentMonoMs = this.#on.clock.monotonicMs();
    this.#on.socket.write(frame);
  }

  #receive(chunk: Buffer): void {
    if (this.#endReason !== null) return;
    this.#heardMonoMs = this.#on.clock.monotonicMs();
    this.#looksInSilence = 0;
    try {
      for (const frame of this.#splitter.push(chunk)) {
        if (this.#isOpen) this.#take(new JuteReader(frame));
        else this.#open(new JuteReader(frame));
      }
    } catch (cause) {
      if (!(cause instanceof JuteError)) throw cause;
      this.#end(garbage(this.#on.name, cause));
    }
  }

  #open(from: JuteReader): void {
    const { sessionTimeoutMs } = readOpened(from);
    if (sessionTimeoutMs <= 0) return this.#end(unreachable(this.#on.name, 'the server refuses new sessions'));
    this.#isOpen = true;
    this.#owedSinceMonoMs = null;
    this.#pingEveryMs = Math.min(this.#pingEveryMs, sessionTimeoutMs / PINGS_PER_TIMEOUT);
    const { identity } = this.#on;
    if (identity !== null) this.#write(identityFrame(identity));
    this.#opened.resolve();
  }

  #take(from: JuteReader): void {
    const { xid, code } = readReplyHeader(from);
    switch (xid) {
      case XID.event:
        return this.#on.onEvent(readEventPath(from));
      case XID.ping:
        this.#owedSinceMonoMs = null;
        return from.end();
      case XID.auth:
        if (code !== CODE.ok) this.#end(refusal(code, `log in to ${this.#on.name}`));
        return;
      default:
        return this.#pending.settle(xid, code, from);
    }
  }

  /** Pings in time, and gives up a server that owes an answer for too long. */
  #look(): void {
    const { clock, name } = this.#on;
    const silenceMaxMs = this.#isOpen ? this.#on.silenceMaxMs : this.#on.openingMaxMs;
    const now = clock.monotonicMs();
    const owedSince = this.#owedSinceMonoMs ?? this.#pending.oldestSentMonoMs();
    const isSilent = owedSince !== null && now - Math.max(owedSince, this.#heardMonoMs) >= silenceMaxMs;
    // Twice, because after a pause of this process the answer may lie in the kernel, unread.
    this.#looksInSilence = isSilent ? this.#looksInSilence + 1 : 0;
    if (this.#looksInSilence > 1) return this.#end(unreachable(name, `no answer within ${silenceMaxMs} ms`));
    if (this.#isOpen && this.#owedSinceMonoMs === null && now - this.#sentMonoMs >= this.#pingEveryMs) {
      this.#write(pingFrame());
      this.#owedSinceMonoMs = now;
    }
    this.#timer = clock.timer(Math.min(silenceMaxMs, this.#pingEveryMs) / LOOKS_PER_SILENCE, () => this.#look());
  }

  #end(reason: OneupError): void {
    if (this.#endReason !== null) return;
    this.#endReason = reason;
    this.#timer?.stop();
    this.#pending.failAll(reason);
    this.#opened.reject(reason);
    // What `close` has written still goes out; a server that is gone does not keep the socket.
    if (this.#on.socket.writableEnded) this.#on.clock.timer(this.#on.silenceMaxMs, () => this.#on.socket.destroy());
    else this.#on.socket.destroy();
    this.#announceEnd(reason);
  }
}

function unreachable(name: string, why: string, cause?: unknown): OneupError {
  const options = cause === undefined ? {} : { cause };
  return new OneupError(faultCode(cause), `Cannot reach ZooKeeper: ${why.trim()}, value was ${name}`, options);
}

function garbage(name: string, cause: JuteError): OneupError {
  return new OneupError(
    'ONEUP_STORE_UNREACHABLE',
    `Cannot talk to ZooKeeper: this is not its protocol (${cause.message}), value was ${name}`,
    { cause, remedy: 'Check host, port and tls in cluster.store: something else answers there' },
  );
}

function tooLarge(bytes: number): OneupError {
  return new OneupError(
    'ONEUP_STORE_LIMIT',
    `Cannot write to ZooKeeper: a packet has at most ${PACKET_BYTES_MAX} bytes (jute.maxbuffer), value was ${bytes}`,
    { remedy: 'Make the change in several steps' },
  );
}
