// Numbers of a store that no cluster counts to: a damaged backup, or somebody else's hand. Above one of them no generation, term or
// epoch could be written that anybody reads back, so `init --force` and `recover` say which record it is before they mark, write or
// delete anything (S4).
import { COUNT_MAX } from '../base/count-max.ts';
import { OneupError } from '../base/oneup-error.ts';
import { storeKeys } from '../base/store-keys.ts';
import type { Store, StoreEntry } from '../ports/store.ts';

/** What is counted up from, by the first word of the key. */
const COUNTED: Readonly<Record<string, readonly string[]>> = {
  meta: ['generation.number'],
  term: ['', 'term'],
  service: ['epoch', 'step', 'crumbVersion', 'dns.seq'],
  breadcrumb: ['version'],
};

/** More of them have one cause, and the message stays one that can be read. */
const TOLD_MAX = 5;

/** Throws ONEUP_REFUSED that names each such number, with nothing written. What cannot be read at all is for others to tell. */
export async function refuseUncountable(store: Store, cluster: string, what: 'recover' | 'overwrite'): Promise<void> {
  const { root, meta, term } = storeKeys(cluster);
  const [one, other, ...lists] = await Promise.all([
    store.get(meta),
    store.get(term),
    ...['service', 'breadcrumb'].map((kind) => store.list(`${root}${kind}/`)),
  ]);
  const entries = [one, other, ...lists.flatMap((list) => list.entries)].filter((entry) => entry !== null);
  const found = entries.flatMap((entry) => uncountable(entry, root));
  if (found.length === 0) return;
  const more = found.length > TOLD_MAX ? ` and ${found.length - TOLD_MAX} more` : '';
  const message = `Cannot ${what} cluster ${cluster}: S4.absurd-number: ${found.slice(0, TOLD_MAX).join(', ')}${more}`;
  throw new OneupError('ONEUP_REFUSED', message, {
    remedy: `No cluster counts beyond ${COUNT_MAX}: restore another backup. If this is all that is wrong with it, correct these records with the client of the store, then run the command again; nothing was written`,
  });
}

function uncountable({ key, value }: StoreEntry, root: string): readonly string[] {
  const kind = key.slice(root.length).split('/')[0] ?? '';
  const record = parsed(value);
  const counted = (COUNTED[kind] ?? []).map((field) => [field, valueIn(record, field)] as const);
  return [...counted, ...atSeconds(record)].flatMap(([field, number]) => {
    // null: a service that was forgotten with a damaged record, of whose numbers nobody knows.
    if (number === undefined || number === null || isCount(number)) return [];
    return [`${key}${field === '' ? '' : ` ${field}`} is ${JSON.stringify(number)}`];
  });
}

/** Of each second provider that a service has or had; their names have dots. */
function atSeconds(record: unknown): readonly (readonly [field: string, value: unknown])[] {
  const seconds = valueIn(record, 'seconds');
  if (typeof seconds !== 'object' || seconds === null) return [];
  return Object.entries(seconds).map(([place, second]) => [`seconds ${place} dns.seq`, valueIn(second, 'dns.seq')]);
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= COUNT_MAX;
}

/** `''`: the whole value where it is a bare one. */
function valueIn(record: unknown, field: string): unknown {
  const isObject = typeof record === 'object' && record !== null;
  if (field === '') return isObject ? undefined : record;
  return field.split('.').reduce<unknown>((value, name) => {
    return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
      ? (value as Readonly<Record<string, unknown>>)[name]
      : undefined;
  }, record);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
