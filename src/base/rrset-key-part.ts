// How an RRset is named inside a store key: `name|TYPE`, which no serial or zone name can equal.

export function rrsetKeyPart(name: string, type: string): string {
  return `${name}|${type}`;
}
