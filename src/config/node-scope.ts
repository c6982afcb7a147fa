// Reads the texts of a service for one of its nodes: placeholders expanded, references filled in, faults reported.
import { closestWord } from './closest-word.ts';
import type { ConfigPath } from './config-problem.ts';
import { expandPlaceholders, type PlaceholderValues } from './placeholders.ts';
import { hasReference } from './references.ts';
import { type ResolveContext, writtenText } from './resolve-context.ts';
import { resolveNodeAnswer } from './resolve-node-answer.ts';
import type { NodeWritten } from './schema/node-schema.ts';

export type NodeScope = {
  readonly context: ResolveContext;
  /** The text at `path`, ready for use. `address` says how {address} is written: bare, or in brackets for IPv6. */
  readonly textAt: (path: ConfigPath, options: { readonly address: 'bare' | 'bracketed' }) => ScopedText;
};

/** The scope of checks, which some probers reach under another address. */
export type CheckScope = NodeScope & {
  readonly address: string;
  readonly withAddress: (address: string) => CheckScope;
};

/** A place in the checks of a service, read for one node. */
export type NodePlace = { readonly scope: CheckScope; readonly path: ConfigPath };

export type ScopedText = {
  readonly text: string;
  /** It holds a value from the environment or a file. */
  readonly holdsSecret: boolean;
};

type ScopeOptions = {
  readonly context: ResolveContext;
  readonly service: string;
  readonly path: ConfigPath;
  /** In place of the node's own. */
  readonly address?: string;
};

/** `path` is where the node stands in the file. */
export function nodeScope(node: NodeWritten, options: ScopeOptions): CheckScope {
  const { context, address: host = resolveNodeAnswer(node).address } = options;
  const bare = placeholderValues(node, host, options);
  const bracketed = new Map(bare).set('address', {
    text: host.includes(':') ? `[${host}]` : host,
    isSecret: false,
  });
  const textAt: NodeScope['textAt'] = (path, { address }) => {
    const values = address === 'bare' ? bare : bracketed;
    const expanded = expandPlaceholders(writtenText(context, path), { values, references: context.references });
    for (const placeholder of expanded.unknown) {
      context.report({ path, ...explain(placeholder, { node, known: [...bare.keys()] }) });
    }
    return expanded;
  };
  const withAddress = (address: string) => nodeScope(node, { ...options, address });
  return { context, textAt, address: host, withAddress };
}

function placeholderValues(
  node: NodeWritten,
  address: string,
  { context, service, path }: ScopeOptions,
): PlaceholderValues {
  const values = new Map([
    ['address', { text: address, isSecret: false }],
    ['service', { text: service, isSecret: false }],
    ['node.address', { text: address, isSecret: false }],
  ]);
  for (const [key, value] of Object.entries(node)) {
    if (key === 'address' || key === 'alias') continue;
    const isSecret = hasReference(writtenText(context, [...path, key]));
    values.set(`node.${key}`, { text: String(value), isSecret });
  }
  return values;
}

function explain(
  placeholder: string,
  { node, known }: { readonly node: NodeWritten; readonly known: readonly string[] },
): { readonly reason: string; readonly remedy: string } {
  const name = placeholder.slice(1, -1);
  const near = closestWord(name, known);
  const attribute = /^node\.(\w+)$/.exec(name)?.[1];
  if (attribute === undefined) {
    const remedy = near === null ? 'Attributes of a node are written {node.<attribute>}' : `Did you mean {${near}}?`;
    return { reason: `there is no placeholder ${placeholder}`, remedy };
  }
  const reason = `placeholder ${placeholder} has no value, node ${node.id} has no ${attribute}`;
  const hint = near === null ? '' : `; did you mean {${near}}?`;
  return { reason, remedy: `Add ${attribute} to node ${node.id}${hint}` };
}
