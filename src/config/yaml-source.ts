// Reads YAML text into plain data and remembers where each value stood. Everything that could surprise is refused here:
// duplicate keys, unknown tags, alias bombs, values that refer to themselves, keys that are not words.
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { err, ok, type Result } from '../base/result.ts';
import type { ConfigPath } from './config-problem.ts';
import { plainTree } from './yaml-tree.ts';

export type Position = { readonly line: number; readonly column: number };

export type YamlSource = {
  /** Maps, lists, texts, numbers, booleans and nulls, as written; no alias, date or set is left. */
  readonly tree: unknown;
  /** Where a key or value stands; the nearest thing above it if it was not written. Lines and columns count from 1. */
  readonly positionOf: (path: ConfigPath, point: 'key' | 'value') => Position;
  /** First and last offset, the last one excluded, of a text on one line; null for everything else. */
  readonly spanOf: (path: ConfigPath) => readonly [start: number, end: number] | null;
};

export type YamlFault = Position & { readonly path: ConfigPath; readonly reason: string; readonly remedy: string };

/** Never throws, whatever the text. All faults of syntax are returned at once. */
export function readYaml(text: string): Result<YamlSource, readonly YamlFault[]> {
  const lines = new LineCounter();
  // logLevel keeps the library from writing process warnings about odd keys; they are refused below.
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'error', prettyErrors: false });
  const positionAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const complaints = [...document.errors, ...document.warnings].slice(0, SYNTAX_FAULTS_MAX);
  if (complaints.length > 0) {
    return err(complaints.map(({ message, pos }) => ({ ...positionAt(pos[0]), path: [], ...explain(message) })));
  }
  const tree = plainTree(document);
  if (!tree.ok) return err([{ ...positionAt(tree.error.offset), ...tree.error }]);
  return ok({
    tree: tree.value,
    positionOf: (path, point) => positionAt(offsetOf(document, { path, point })),
    spanOf: (path) => {
      const node: unknown = document.getIn(path, true);
      if (!isScalar(node) || typeof node.value !== 'string' || node.type?.startsWith('BLOCK_')) return null;
      const [start, end] = node.range ?? [];
      return start === undefined || end === undefined ? null : [start, end];
    },
  });
}

/** One broken bracket makes the parser complain about every line after it; the first few are the useful ones. */
const SYNTAX_FAULTS_MAX = 5;

function explain(message: string): { readonly reason: string; readonly remedy: string } {
  const reason = `${message.charAt(0).toLowerCase()}${message.slice(1)}`.split('\n')[0] ?? message;
  if (message.startsWith('Map keys must be unique')) {
    return { reason: 'the same key is written twice in one map', remedy: 'Keep one of them; the other would be lost' };
  }
  if (message.startsWith('Unresolved tag')) {
    return { reason, remedy: 'Remove the tag; every value is a text, number, true, false, list or map' };
  }
  if (message.startsWith('Source contains multiple documents')) {
    return { reason: 'the file holds more than one YAML document', remedy: 'Remove the line --- and what follows it' };
  }
  if (message.includes('Maximum call stack')) {
    return { reason: 'values are nested too deeply', remedy: 'Remove the repeated brackets or indentation' };
  }
  return { reason, remedy: 'Correct the YAML syntax; indent with spaces and quote texts that hold ": " or " #"' };
}

/** Offset of the deepest written thing on the way to `path`. */
function offsetOf(
  document: Document,
  { path, point }: { readonly path: ConfigPath; readonly point: 'key' | 'value' },
): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [index, part] of path.entries()) {
    const here = isAlias(node) ? node.resolve(document) : node;
    if (isSeq(here)) {
      node = here.items[Number(part)];
      offset = startOf(node) ?? offset;
      continue;
    }
    if (!isMap(here)) return offset;
    const pair = here.items.find(({ key }) => isScalar(key) && (key.source ?? String(key.value)) === String(part));
    if (pair === undefined) return offset;
    const keyOffset = startOf(pair.key) ?? offset;
    node = pair.value;
    const pointsAtKey = point === 'key' && index === path.length - 1;
    offset = pointsAtKey ? keyOffset : (startOf(node) ?? keyOffset);
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
