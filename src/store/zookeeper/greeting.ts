// The first and the last words of a connection, and the frames that answer no question: opening, identity, beat, events.
import type { JuteReader } from './jute-reader.ts';
import { JuteWriter } from './jute-writer.ts';
import { OPERATION, type Question } from './questions.ts';

/** Numbers of frames that answer no question of the queue. */
export const XID = { event: -1, ping: -2, auth: -4 } as const;

const PASSWORD_BYTES = 16;

export type Opened = { readonly sessionTimeoutMs: number };

/** Asks for a new session of the server: none is ever resumed, because nothing rests on one. */
export function openingFrame(sessionTimeoutMs: number): Buffer {
  const protocolVersion = 0;
  const lastSeenTransaction = 0n;
  const newSession = 0n;
  const mayBeReadOnly = false;
  return new JuteWriter()
    .int(protocolVersion)
    .long(lastSeenTransaction)
    .int(sessionTimeoutMs)
    .long(newSession)
    .bytes(Buffer.alloc(PASSWORD_BYTES))
    .boolean(mayBeReadOnly)
    .finishFrame();
}

/** A timeout of zero says that the server refuses the session. */
export function readOpened(from: JuteReader): Opened {
  from.int();
  const sessionTimeoutMs = from.int();
  from.long();
  from.bytes();
  // Servers before 3.4 leave the last field out.
  if (from.remaining > 0) from.boolean();
  from.end();
  return { sessionTimeoutMs };
}

export function identityFrame({
  username,
  password,
}: {
  readonly username: string;
  readonly password: string;
}): Buffer {
  return header(XID.auth, OPERATION.auth).int(0).text('digest').text(`${username}:${password}`).finishFrame();
}

export function pingFrame(): Buffer {
  return header(XID.ping, OPERATION.ping).finishFrame();
}

/** Lets the server forget the session at once instead of after its timeout. */
export function closingFrame(xid: number): Buffer {
  return header(xid, OPERATION.closeSession).finishFrame();
}

export function questionFrame(xid: number, question: Question<unknown>): Buffer {
  const to = header(xid, question.operation);
  question.write(to);
  return to.finishFrame();
}

export type ReplyHeader = { readonly xid: number; readonly code: number };

export function readReplyHeader(from: JuteReader): ReplyHeader {
  const xid = from.int();
  from.long();
  return { xid, code: from.int() };
}

/** The path that something happened to; empty when it happened to the connection. */
export function readEventPath(from: JuteReader): string {
  from.int();
  from.int();
  const path = from.text();
  from.end();
  return path;
}

function header(xid: number, operation: number): JuteWriter {
  return new JuteWriter().int(xid).int(operation);
}
