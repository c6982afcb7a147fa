// Reads what a verifier that spin generated prints. Only a search that saw every state may say that a property holds.

export type PanReport = {
  readonly outcome: 'holds' | 'violated' | 'unfinished';
  /** The line that says what was violated or why the search ended early. */
  readonly reason: string | null;
  readonly states: number;
  readonly depth: number;
  readonly memoryMb: number;
};

const UNFINISHED = /^.*(?:max search depth too small|Search not completed|-DMEMLIM bound|out of memory).*$/m;
const VIOLATED = /^pan:\d+: .*$/m;

/** Null: the text is not the report of a search. */
export function parsePan(text: string): PanReport | null {
  const search = /^State-vector .* depth reached (\d+).*, errors: (\d+)/m.exec(text);
  const states = numberIn(text, /^\s*(\S+) states, stored/m);
  if (search === null || states === null) return null;
  const facts = { states, depth: Number(search[1]), memoryMb: numberIn(text, /^\s*(\S+)\s+total actual memory/m) ?? 0 };
  const violation = VIOLATED.exec(text);
  if (Number(search[2]) > 0 || violation !== null) {
    return { outcome: 'violated', reason: violation?.[0] ?? null, ...facts };
  }
  const end = UNFINISHED.exec(text);
  if (end !== null) return { outcome: 'unfinished', reason: end[0].trim(), ...facts };
  return { outcome: 'holds', reason: null, ...facts };
}

function numberIn(text: string, pattern: RegExp): number | null {
  const value = Number(pattern.exec(text)?.[1] ?? Number.NaN);
  return Number.isFinite(value) ? value : null;
}
