// Turns a YAML document into plain maps, lists and scalars, with its aliases put in place. It decides what YAML may be used
// for here; what the values mean is not its concern.
import { type Document, isAlias, isMap, isScalar, isSeq, type Scalar, type YAMLMap } from 'yaml';
import { err, ok, type Result } from '../base/result.ts';
import type { ConfigPath } from './config-problem.ts';

export type TreeFault = {
  readonly path: ConfigPath;
  readonly offset: number;
  readonly reason: string;
  readonly remedy: string;
};

/** The document as plain data; the first thing that cannot be taken ends the reading. */
export function plainTree(document: Document): Result<unknown, TreeFault> {
  const walk: Walk = { document, nodes: 0, aliases: 0, fault: null };
  const tree = plain(document.contents, { walk, path: [], depth: 0, around: [] });
  return walk.fault === null ? ok(tree) : err(walk.fault);
}

/** Each alias can multiply the file, and finding its anchor costs a walk through all of it. */
const ALIASES_MAX = 100;
/** The largest cluster that fits in the other limits has far fewer values; an alias bomb has more at once. */
const NODES_MAX = 200_000;
/** The deepest key of the schema lies eight levels down; deeper ones are slips. */
const DEPTH_MAX = 24;
/** Under these keys people write words that YAML would read as numbers: `[sleep, 010]`, `PORT: 8080`,  `200`. */
const WORD_KEYS: ReadonlySet<string | number> = new Set([
  'command',
  'exec',
  'env',
  'headers',
  'offStates',
  'status',
  'values',
]);

type Walk = { readonly document: Document; nodes: number; aliases: number; fault: TreeFault | null };
type Place = {
  readonly walk: Walk;
  readonly path: ConfigPath;
  readonly depth: number;
  /** Maps and lists around this place; one of them again would never end. */
  readonly around: readonly unknown[];
};

function plain(node: unknown, place: Place): unknown {
  const { walk, path, depth, around } = place;
  if (walk.fault !== null || node === null || node === undefined) return null;
  walk.nodes += 1;
  if (walk.nodes > NODES_MAX) return refuse(node, place, TOO_MUCH);
  if (depth > DEPTH_MAX) return refuse(node, place, TOO_DEEP);
  if (isAlias(node)) {
    walk.aliases += 1;
    if (walk.aliases > ALIASES_MAX) return refuse(node, place, TOO_MUCH);
    const target = node.resolve(walk.document);
    return around.includes(target) ? refuse(node, place, ENDLESS) : plain(target, { ...place, depth: depth + 1 });
  }
  if (isMap(node)) return plainMap(node, place);
  if (isSeq(node)) {
    const inside = { walk, depth: depth + 1, around: [...around, node] };
    return node.items.map((item, index) => plain(item, { ...inside, path: [...path, index] }));
  }
  return isScalar(node) ? plainScalar(node, place) : refuse(node, place, NOT_PLAIN);
}

function plainMap(map: YAMLMap, place: Place): unknown {
  const { walk, path, depth } = place;
  const inside = { walk, depth: depth + 1, around: [...place.around, map] };
  const result: Record<string, unknown> = {};
  for (const pair of map.items) {
    const key = pair.key;
    if (!isScalar(key) || key.value === null) return refuse(key ?? map, place, NOT_A_KEY);
    const name = typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
    if (name === '__proto__' || Object.hasOwn(result, name)) return refuse(key, place, NOT_A_KEY);
    result[name] = plain(pair.value, { ...inside, path: [...path, name] });
  }
  return result;
}

function plainScalar(scalar: Scalar, place: Place): unknown {
  const { value, source } = scalar;
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
      return source !== undefined && isWordPlace(place.path) ? source : value;
    default:
      return value === null ? null : refuse(scalar, place, NOT_PLAIN);
  }
}

/** What a node has as a number; every other value of a node is text, however it looks. */
const NUMBERS: readonly string[] = ['priority', 'weight'];

/** Whether what stands at `path` is text whatever it looks like: words of commands, and what people hang on nodes. */
function isWordPlace(path: ConfigPath): boolean {
  if (WORD_KEYS.has(path.at(-1) ?? '') || WORD_KEYS.has(path.at(-2) ?? '')) return true;
  return path.length === 5 && path[0] === 'services' && path[2] === 'nodes' && !NUMBERS.includes(String(path[4]));
}

type Words = { readonly reason: string; readonly remedy: string };

const TOO_MUCH: Words = {
  reason: 'aliases make the file larger than any configuration can be',
  remedy: `Write the values out, or use at most ${ALIASES_MAX} aliases`,
};
const TOO_DEEP: Words = {
  reason: 'values are nested too deeply',
  remedy: 'Remove the repeated brackets or indentation',
};
const ENDLESS: Words = {
  reason: 'the value holds itself',
  remedy: 'Remove the alias that lies inside its own anchor',
};
const NOT_A_KEY: Words = {
  reason: 'a key is not a word, or is written twice',
  remedy: 'Use plain words as keys, each once',
};
const NOT_PLAIN: Words = {
  reason: 'the value is of a kind that configuration does not have',
  remedy: 'Write a text, number, true, false, list or map, without a YAML tag',
};

function refuse(node: unknown, { walk, path }: Place, words: Words): null {
  const range = (node as { readonly range?: readonly number[] | null }).range;
  walk.fault ??= { path, offset: range?.[0] ?? 0, ...words };
  return null;
}
