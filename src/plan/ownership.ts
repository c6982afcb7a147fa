// The ownership TXT beside every managed name: which write of which cluster is in force (S26). Every write is conditional
// on the exact previous text, so that a stale controller fails at the provider; here that text is written, read and ordered.
import type { DomainName, ServiceId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';

export type Ownership = {
  /** Lower-case letters, digits and dashes, at most 63 octets, as for `service`. */
  readonly cluster: string;
  readonly service: ServiceId;
  /** Number of the store's generation (S4). */
  readonly generation: number;
  readonly epoch: number;
  /** Raised by every write of the service, whatever it changes. */
  readonly seq: number;
};

/** First word of the text; another version of the format gets another word. */
const FORMAT = 'oneup1';
const ID = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
/** At most 15 digits, which JavaScript holds exactly; no leading zero, so that equal ownership means equal text. */
const NUMBER = '(?:0|[1-9][0-9]{0,14})';
const SHAPE = new RegExp(
  `^${FORMAT} cluster=(${ID}) service=(${ID}) generation=(${NUMBER}) epoch=(${NUMBER}) seq=(${NUMBER})$`,
);

/** Name of the TXT that owns `name`: `_oneup.app.example.com.` for `app.example.com.`. */
export function ownershipName(name: DomainName): DomainName {
  return `_oneup.${name}`;
}

/** Where everything stands that oneup writes for a managed name. */
export function managedNames(name: DomainName): readonly DomainName[] {
  return [name, ownershipName(name)];
}

/**
 * The TXT value in presentation format, quoted (RFC 1035 section 5.1). At most 240 octets, so one character-string holds it.
 * Throws RangeError for ids or numbers that `parseOwnership` would not read back.
 */
export function formatOwnership({ cluster, service, generation, epoch, seq }: Ownership): string {
  const text = `${FORMAT} cluster=${cluster} service=${service} generation=${generation} epoch=${epoch} seq=${seq}`;
  if (!SHAPE.test(text))
    throw new RangeError(`Cannot format ownership: ids or numbers out of range, value was ${text}`);
  return `"${text}"`;
}

/** Reads a TXT value, quoted or bare. The error is a reason to put behind "Cannot read ownership". */
export function parseOwnership(value: string): Result<Ownership, string> {
  const bare = value.startsWith('"') && value.endsWith('"') && value.length > 1 ? value.slice(1, -1) : value;
  const match = SHAPE.exec(bare);
  if (match === null) return err(`expected a text written by oneup, value was ${JSON.stringify(bare)}`);
  const [, cluster = '', service = '', generation, epoch, seq] = match;
  return ok({ cluster, service, generation: Number(generation), epoch: Number(epoch), seq: Number(seq) });
}

/** Negative when `left` was written before `right`: by generation, then epoch, then seq (S4, S26). */
export function compareOwnership(left: Ownership, right: Ownership): number {
  return left.generation - right.generation || left.epoch - right.epoch || left.seq - right.seq;
}

export function isSameOwnership(left: Ownership, right: Ownership): boolean {
  const isOurs = left.cluster === right.cluster && left.service === right.service;
  return isOurs && compareOwnership(left, right) === 0;
}
