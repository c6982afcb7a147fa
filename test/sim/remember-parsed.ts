// Reading the same record again and again is half of what a run does, because all processes of a cluster are one here. What was
// parsed once is given again, frozen, so that one process cannot change what another one reads.

const parse = JSON.parse.bind(JSON);
const known = new Map<string, unknown>();

/** To be called once in a process that does nothing but play. */
export function rememberParsed(): void {
  JSON.parse = (text: string, reviver?: Parameters<typeof parse>[1]): unknown => {
    if (reviver !== undefined || typeof text !== 'string') return parse(text, reviver);
    const found = known.get(text);
    if (found !== undefined) return found;
    const value: unknown = freeze(parse(text));
    known.set(text, value);
    return value;
  };
}

/** Between two runs, which share no records. */
export function forgetParsed(): void {
  known.clear();
}

function freeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}
