// The two messages of grpc.health.v1 and the five bytes that gRPC puts in front of each, by hand: one text out, one number in.
// Pure; any bytes may come.
import { CheckFault } from './check-fault.ts';

const PREFIX_BYTES = 5;

/** HealthCheckRequest { service = 1 } as one uncompressed gRPC message. */
export function encodeHealthRequest(service: string): Buffer {
  const name = Buffer.from(service);
  const body = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name]);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(body.length, 1);
  return Buffer.concat([prefix, body]);
}

/** Status of HealthCheckResponse { status = 1 }: 0 unknown, 1 serving, 2 not serving, 3 no such service. */
export function decodeHealthStatus(bytes: Buffer): number {
  if (bytes.length < PREFIX_BYTES || bytes[0] !== 0) throw garbage();
  const body = bytes.subarray(PREFIX_BYTES);
  if (bytes.readUInt32BE(1) !== body.length) throw garbage();
  let status = 0;
  for (let at = 0; at < body.length; ) {
    const tag = readVarint(body, at);
    const field = tag.value >>> 3;
    const wire = tag.value & 7;
    const inner = wire === 0 || wire === 2 ? readVarint(body, tag.next) : { value: 0, next: tag.next };
    if (wire === 0 && field === 1) status = inner.value;
    if (wire === 0) at = inner.next;
    else if (wire === 1) at = tag.next + 8;
    else if (wire === 2) at = inner.next + inner.value;
    else if (wire === 5) at = tag.next + 4;
    else throw garbage();
    if (at > body.length) throw garbage();
  }
  return status;
}

function varint(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

/** At most five bytes: lengths and numbers of fields fit, and nothing larger is expected. */
function readVarint(bytes: Buffer, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let index = 0; index < 5; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) throw garbage();
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, next: at + index + 1 };
  }
  throw garbage();
}

function garbage(): CheckFault {
  return new CheckFault('fail', 'the answer is not a health message of gRPC');
}
