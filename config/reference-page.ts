// Turns the JSON schema of the configuration into docs/configuration.md: one table for each map, one row for each key.
// It is a program for people who change the schema and takes no part in the service.

export type Schema = {
  readonly $ref?: string;
  readonly title?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | false;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly definitions?: Readonly<Record<string, Schema>>;
};

/** The page as Markdown, maps in the order in which a reader of the file meets them. */
export function referencePage(schema: Schema): string {
  const sections: string[] = [];
  const seen = new Set<string>();
  const queue: Section[] = [{ title: 'The file', schema }];
  for (let section = queue.shift(); section !== undefined; section = queue.shift()) {
    if (seen.has(section.title)) continue;
    seen.add(section.title);
    sections.push(sectionText(section));
    queue.unshift(...innerSections(section, schema));
  }
  return `${HEAD}\n${sections.join('\n')}`;
}

type Section = { readonly title: string; readonly schema: Schema };

function sectionText({ title, schema }: Section): string {
  const rows = Object.entries(schema.properties ?? {}).map(([key, value]) => {
    const isRequired = schema.required?.includes(key) === true;
    return `| \`${key}\` | ${typeText(value)} | ${isRequired ? 'required' : defaultText(value)} | ${meaning(value)} |`;
  });
  const more = schema.additionalProperties;
  if (more) rows.push(`| any other | ${typeText(more)} | | ${meaning(more)} |`);
  const lead = schema.description === undefined || title === 'The file' ? '' : `${sentence(schema.description)}\n\n`;
  return `## ${title}\n\n${lead}| key | type | default | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

/** Maps below this one: definitions under their own name, others under the keys that lead to them. */
function innerSections({ title, schema }: Section, root: Schema): readonly Section[] {
  const prefix = title === 'The file' ? '' : `${title}.`;
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => mapsIn(value, `${prefix}${key}`, root));
}

function mapsIn(schema: Schema, title: string, root: Schema): readonly Section[] {
  const name = definitionName(schema);
  if (name !== null) {
    const definition = root.definitions?.[name] ?? {};
    return [{ title: name, schema: definition }];
  }
  if (schema.properties !== undefined) return [{ title, schema }];
  const inner = [schema.items, schema.additionalProperties || undefined, ...(schema.anyOf ?? schema.oneOf ?? [])];
  return inner.flatMap((part) => (part === undefined ? [] : mapsIn(part, title, root)));
}

function definitionName({ $ref, allOf }: Schema): string | null {
  const reference = $ref ?? allOf?.find((part) => part.$ref !== undefined)?.$ref;
  return reference === undefined ? null : (reference.split('/').at(-1) ?? null);
}

function typeText(schema: Schema): string {
  const name = definitionName(schema);
  if (name !== null) return `[${name}](#${name.toLowerCase()})`;
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return [...new Set(choices.map(typeText))].join(' or ');
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(' or ');
  if (schema.items !== undefined) return `list of ${typeText(schema.items)}`;
  if (schema.properties !== undefined) return 'map, see below';
  if (schema.additionalProperties) return `map of ${typeText(schema.additionalProperties)}`;
  return schema.title ?? scalarText(schema);
}

function scalarText({ type, minimum, maximum }: Schema): string {
  const range = minimum === undefined || maximum === undefined ? '' : ` from ${minimum} to ${maximum}`;
  switch (type) {
    case 'integer':
      return `whole number${range}`;
    case 'number':
      return `number${range}`;
    case 'boolean':
      return '`true` or `false`';
    default:
      return 'text';
  }
}

/** A default that depends on other keys is told at the end of the description, in brackets. */
function defaultText({ default: value, description, properties, allOf }: Schema): string {
  const told = /\[([^[\]]+)\]$/.exec(description ?? '')?.[1];
  if (told !== undefined) return told;
  if (value === undefined) return 'none';
  const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  if (isEmpty) return properties === undefined && allOf === undefined ? 'empty' : 'all defaults';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function meaning({ description, examples }: Schema): string {
  const text = sentence((description ?? '').replace(/ \[[^[\]]+\]$/, ''));
  const example = examples?.[0];
  if (example === undefined) return text;
  return `${text} Example: \`${typeof example === 'string' ? example : JSON.stringify(example)}\`.`;
}

function sentence(text: string): string {
  return text === '' ? '' : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

const HEAD = `# Configuration

Generated from \`src/config/schema\` by \`npm run schema\`; edit the descriptions there, not this page. The smallest file that
works is \`config/minimal.yaml\`, one with every key is \`config/complete.yaml\`, and \`config/schema.json\` tells editors what
is allowed where. \`oneup check-config\` lists all mistakes of a file at once, each with its line, its reason and what to
write instead. What alerts say and how to check their signature: [alerts.md](alerts.md).

## How to write values

- Unknown keys and keys written twice are refused. YAML 1.2 is read: \`no\` is a text, \`<<\` is not a merge key.
- **Durations** have a unit: \`250ms\`, \`5s\`, \`10m\`, \`1h30m\`, \`7d\`; at most 14 days. **TTLs** are durations of whole seconds.
- **Domain names** are absolute, with or without the last dot. Only \`name\` of a static record may be relative to its zone.
- **Endpoints** are \`127.0.0.1:53\`, \`0.0.0.0:53\` or \`[::1]:53\`; port 0 is any free port.
- **Ids** are 1 to 63 lower-case letters, digits and dashes.
- **Words** of commands, environment, headers and record values stay as they are written: \`PORT: 8080\` needs no quotes.
- **File names** that are relative count from the directory of the configuration file.

## Values from outside

\`\${env:NAME}\` stands for an environment variable and \`\${file:/path}\` for the text of a file without its last line break, in
any text value. A file must be closed to other users (\`chmod 600\`). Such values are secrets: they are replaced by \`***\` in
everything that oneup shows, and they are refused in the words of a command, because every user of a machine can read
those. Pass them by \`env:\`. The store and the digest hold the text before replacement: a password or key that is written out goes to
the store as it stands, but for the secrets of \`providers\`, which stay in the file.

## Placeholders

In checks and actions, \`{address}\`, \`{service}\`, \`{node.id}\` and \`{node.<attribute>}\` are replaced for each node.
In URLs and \`address:port\` texts an IPv6 \`{address}\` gets its brackets. A placeholder without a value is refused. Braces
of other programs are left alone: \`%{http_code}\`, \`{{.State}}\`, and, in commands, \`\${HOME}\`.

## What a check says

A check passes, fails, or says that the prober could not look (*error*), which never counts as down (S22): a name that does not
resolve, a refused login, a query that does not parse, a proxy in trouble, a script or ping that was cut off. Groups run side by side
under the one \`timeout\` of the check and end as soon as the rest makes no difference:

| | \`all\` | \`any\` | \`atLeast: n\` |
|---|---|---|---|
| pass | every one passes | one passes | n pass |
| fail | one fails | every one fails | fewer than n could pass, whatever the errors hide |
| error | otherwise | otherwise | otherwise |

## Rules across keys

| rule | what is refused |
|---|---|
| S3 | a \`sessionTtl\` within twice the \`margin\` |
| S7 | a sqlite store with a prober on another machine |
| S13 | an automatic exclusive service with an \`exec\` start while a prober runs on another machine |
| S18 | a fence level with neither \`confirm\` nor \`confirmedByExit\`, or with both |
| S20 | an automatic exclusive service without a fence ladder (exit code 4) |
| S23 | a check whose \`timeout\` exceeds its \`interval\` or reaches \`sessionTtl\` |
| S24 | \`minVantages\` above the number of vantages |
| S24 | a \`probersPerCheck\` above the number of probers, too small for a majority to stand at \`minVantages\`, or below three (with two probers: two) with an automatic exclusive service |
| S25 | a warm standby that passes the same check as the active |
| S26 | a name that two services share, or that a static record, a name server or a delegation occupies |
| S28 | a \`sorry\` address that is a node's own, or of a family that no node has |
| S30 | a \`staleAfter\` that is not longer than \`lostAfter\` |
| S34 | an \`opMaxAge\` that one failover could exceed with every step at its time limit |

Also refused: an exclusive service without \`start\`, \`restart.attempts\` without both \`stop\` and \`start\`, a
\`minStartable\` above the number of nodes that may ever start, a webhook by http to another machine without \`insecure: true\`,
nodes that share an id or address, probers of one machine that share an
endpoint, \`suspect\` or \`settling\` TTLs above \`steady\`, zones and records that break RFC 1034, RFC 1912 or RFC 2181.

Accepted with a warning: fewer than three probers or an even number of them, in the cluster or by \`probersPerCheck\`, probers that share an address, no
\`references\`, a service with one eligible node, a warm standby without \`status\`, a fence level that does nothing.
`;
