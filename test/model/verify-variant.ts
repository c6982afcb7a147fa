// Builds one variant, checks its properties and says for each whether the outcome is the one that it must be.
import { join } from 'node:path';
import { buildVerifier, replay, search } from './build-verifier.ts';
import { formatReplay } from './format-replay.ts';
import { type PanReport, parsePan } from './parse-pan.ts';
import { macrosOf, type NodeKind, type Property, type Variant } from './variants.ts';

export type CheckResult = PanReport & {
  readonly property: Property;
  readonly nodes: NodeKind;
  readonly mutation: string | null;
  readonly rule: string | null;
  /** The model must hold, and a mutation must be caught: a model that cannot fail proves nothing. */
  readonly expected: 'holds' | 'violated';
  readonly isGood: boolean;
  /** The story that violates a property of the model itself. */
  readonly counterexample: string | null;
  /** Of the search; `buildMs` is what spin and the compiler took, once for all properties of a variant. */
  readonly durationMs: number;
  readonly buildMs: number;
};

/** Throws when a tool fails, or prints what is not a report. */
export function verifyVariant(variant: Variant, folder: string): readonly CheckResult[] {
  const { nodes, mutation, properties } = variant;
  const macros = macrosOf(variant);
  const place = join(folder, ['model', ...macros].join('-'));
  const started = performance.now();
  buildVerifier(place, macros, { progress: properties.includes('progress'), order: 'deep' });
  const buildMs = Math.round(performance.now() - started);
  const expected = mutation === null ? 'holds' : 'violated';
  return properties.map((property) => {
    const begun = performance.now();
    const report = readReport(search(place, property));
    const durationMs = Math.round(performance.now() - begun);
    const names = { property, nodes, mutation: mutation?.macro ?? null, rule: mutation?.rule ?? null };
    const isBroken = mutation === null && report.outcome === 'violated';
    const counterexample = isBroken ? formatReplay(replay(place, macros)) : null;
    const isGood = report.outcome === expected;
    return { ...names, expected, isGood, ...report, counterexample, durationMs, buildMs };
  });
}

function readReport(text: string): PanReport {
  const report = parsePan(text);
  if (report !== null) return report;
  throw new Error(`Cannot read the verifier's report: no result in it, value was\n${text.slice(0, 2_000)}`);
}
