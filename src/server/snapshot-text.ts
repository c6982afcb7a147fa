// The text of a snapshot on disk: one line of format and checksum, one line of JSON. The checksum finds damage, the
// shape check finds files that somebody else wrote.
import { createHash } from 'node:crypto';
import { deepFreeze } from '../base/deep-freeze.ts';
import { err, ok, type Result } from '../base/result.ts';
import { RDATA_LAYOUT } from '../dns/rdata-layout.ts';
import type { Rrset, RrType } from '../dns/rrset.ts';
import { isWeights } from '../dns/stored-rrset.ts';
import type { ZoneSnapshot } from '../zone/zone-snapshot.ts';

export type SnapshotTextFault = { readonly kind: 'damaged' | 'unknown-format'; readonly reason: string };

const FORMAT = 'oneup-zone-snapshot-1';

/** The whole text for a file. The same snapshot gives the same text. */
export function writeSnapshotText({ zone, generation, serial, rrsets }: ZoneSnapshot): string {
  const plain = rrsets.map(({ name, type, ttlSeconds, values, weights }) => ({
    name,
    type,
    ttlSeconds,
    values,
    weights,
  }));
  const body = JSON.stringify({ zone, generation, serial, rrsets: plain });
  return `${FORMAT} ${checksum(body)}\n${body}\n`;
}

/** Reads such a text back, frozen. Says nothing about the invariants of the zone: that is checkZone's. */
export function parseSnapshotText(text: string): Result<ZoneSnapshot, SnapshotTextFault> {
  const [head = '', body = '', rest] = text.split('\n');
  const [format, sum] = head.split(' ');
  if (format !== FORMAT) return err({ kind: 'unknown-format', reason: `expected a file that begins with ${FORMAT}` });
  if (rest !== '' || checksum(body) !== sum) return err({ kind: 'damaged', reason: 'the checksum does not match' });
  const value = parseJson(body);
  return isSnapshot(value) ? ok(deepFreeze(value)) : err({ kind: 'damaged', reason: 'the content is not a snapshot' });
}

/** undefined for what is not JSON: a matching checksum says who wrote it, not that it is well formed. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function checksum(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}

function isSnapshot(value: unknown): value is ZoneSnapshot {
  if (!isRecord(value)) return false;
  const { zone, generation, serial, rrsets } = value;
  const hasHead = typeof zone === 'string' && typeof generation === 'number' && typeof serial === 'number';
  return hasHead && Array.isArray(rrsets) && rrsets.every(isRrset);
}

function isRrset(value: unknown): value is Rrset {
  if (!isRecord(value)) return false;
  const { name, type, ttlSeconds, values, weights } = value;
  const hasHead = typeof name === 'string' && isRrType(type) && typeof ttlSeconds === 'number';
  if (!hasHead || !Array.isArray(values) || !values.every((text) => typeof text === 'string')) return false;
  return weights === undefined || isWeights(weights, values.length);
}

function isRrType(type: unknown): type is RrType {
  return typeof type === 'string' && Object.hasOwn(RDATA_LAYOUT, type);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
