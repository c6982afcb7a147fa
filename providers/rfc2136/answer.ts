// What an answer of the primary is worth: only what its key signed for this very request counts (RFC 8945 section 5.3).
import { assertNever } from '../../src/base/assert-never.ts';
import { decodeMessage, type Message } from '../../src/dns/decode-message.ts';
import { formatRcode, RCODE } from '../../src/dns/rcode.ts';
import type { TsigKey } from '../../src/dns/tsig-key.ts';
import { TSIG_ERROR, type TsigRecord } from '../../src/dns/tsig-record.ts';
import { verifyMessage } from '../../src/dns/verify-message.ts';

export type Answer =
  | { readonly kind: 'message'; readonly message: Message }
  /** Anybody may have said so; where nothing was written yet, it still tells what is wrong. */
  | { readonly kind: 'unsigned'; readonly rcode: number; readonly reason: string }
  /** The two sides do not agree on key, secret or time. */
  | { readonly kind: 'denied'; readonly reason: string }
  /** It cannot be trusted or not be read. */
  | { readonly kind: 'invalid'; readonly reason: string };

export type AnswerContext = {
  /** The request, unsigned. */
  readonly query: Uint8Array;
  readonly server: string;
  readonly key: TsigKey;
  readonly requestMac: Uint8Array;
  readonly nowSeconds: number;
};

export function readAnswer(octets: Uint8Array, context: AnswerContext): Answer {
  const { server, key, requestMac, nowSeconds } = context;
  const verified = verifyMessage(octets, { key, nowSeconds, requestMac });
  switch (verified.kind) {
    case 'verified':
      if (verified.record.error === TSIG_ERROR.BADTIME) return denied(explainTime(verified.record, context));
      if (verified.record.error !== TSIG_ERROR.NONE) return denied(explainError(verified.record.error, context));
      return readVerified(verified.message, context);
    case 'refused':
      return denied(
        verified.record.error === TSIG_ERROR.BADTIME
          ? explainTime(verified.record, context)
          : explainError(verified.record.error, context),
      );
    case 'unsigned':
      return readUnsigned(octets, context);
    case 'badTime':
      return denied(explainTime(verified.record, context));
    case 'badKey':
      return { kind: 'invalid', reason: `${server} signed with another key, ${verified.record.keyName}` };
    case 'badSig':
      return { kind: 'invalid', reason: `${server} answered with a signature that is not of key ${key.name}` };
    case 'badTrunc':
      return { kind: 'invalid', reason: `${server} shortened its signature, which is refused here` };
    case 'malformed':
      return { kind: 'invalid', reason: `${server} answered something that cannot be read: ${verified.reason}` };
    default:
      return assertNever(verified);
  }
}

function readVerified(octets: Uint8Array, { query, server }: AnswerContext): Answer {
  const message = decodeMessage(octets);
  if (!message.ok)
    return { kind: 'invalid', reason: `${server} answered something that cannot be read: ${message.error}` };
  const asked = decodeMessage(query);
  const isOurs = asked.ok && message.value.isResponse && message.value.opcode === asked.value.opcode;
  if (!isOurs) return { kind: 'invalid', reason: `${server} answered another question` };
  if (message.value.isTruncated) return { kind: 'invalid', reason: `${server} cut its answer off, though over TCP` };
  return { kind: 'message', message: message.value };
}

/** From a server that knows no TSIG, that gives up before it looks at the key, or that says no more about a wrong one. */
function readUnsigned(octets: Uint8Array, { server, key }: AnswerContext): Answer {
  const message = decodeMessage(octets);
  if (!message.ok) {
    return { kind: 'invalid', reason: `${server} answered something that cannot be read: ${message.error}` };
  }
  const { rcode } = message.value;
  const what = `${server} answered ${formatRcode(rcode)} without a signature`;
  const why = rcode === RCODE.NOTAUTH ? `: it does not take the key ${key.name}, our secret for it, or our clock` : '';
  return { kind: 'unsigned', rcode, reason: what + why };
}

function explainError(error: number, { server, key }: AnswerContext): string {
  if (error === TSIG_ERROR.BADKEY)
    return `${server} does not know the key ${key.name} with ${key.algorithm}, or gives it no right here (BADKEY)`;
  if (error === TSIG_ERROR.BADSIG) return `${server} has another secret for the key ${key.name} (BADSIG)`;
  return `${server} does not accept our signature: TSIG error ${error}`;
}

/** RFC 8945 section 5.2.3: the server tells its time in other data. */
function explainTime(record: TsigRecord, { server, nowSeconds }: AnswerContext): string {
  const theirs =
    record.otherData.length === 6 ? Buffer.from(record.otherData).readUIntBE(0, 6) : record.timeSignedSeconds;
  const difference = nowSeconds - theirs;
  const how = difference < 0 ? 'behind' : 'ahead of';
  return `our clock is ${Math.abs(difference)} s ${how} that of ${server}, ${record.fudgeSeconds} s are accepted (BADTIME)`;
}

function denied(reason: string): Answer {
  return { kind: 'denied', reason };
}
