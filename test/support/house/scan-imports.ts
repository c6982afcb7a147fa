// Finds what a TypeScript file imports: static, type-only, re-exporting, side-effect and dynamic imports.
// It reads masked text, so an import inside a comment or a string is none.
import { lineOf, maskSource } from './mask-source.ts';
import type { SourceFile } from './source-tree.ts';

export type ImportKind = 'value' | 'type' | 'sideEffect' | 'dynamic';

export type Import = {
  readonly file: string;
  readonly line: number;
  readonly kind: ImportKind;
  /** The text between the quotes; empty for a dynamic import whose argument is not one literal. */
  readonly specifier: string;
};

const FROM = /\b(?:import|export)\b(\s+type\b(?!\s*,))?[\w\s{},*$]*?\bfrom\s*(['"])/g;
const SIDE_EFFECT = /(?:^|[;\n])\s*import\s*(['"])/g;
const DYNAMIC = /\bimport\s*\(\s*(['"`]?)/g;

export function scanImports({ path, text }: SourceFile): readonly Import[] {
  const { code } = maskSource(text);
  const found: Import[] = [];
  const add = (kind: ImportKind, end: number, quote: string) => {
    const close = quote === '' ? -1 : code.indexOf(quote, end);
    found.push({ file: path, line: lineOf(text, end), kind, specifier: close === -1 ? '' : text.slice(end, close) });
  };
  for (const match of code.matchAll(FROM)) {
    add(match[1] === undefined ? 'value' : 'type', match.index + match[0].length, match[2] ?? '');
  }
  for (const match of code.matchAll(SIDE_EFFECT)) add('sideEffect', match.index + match[0].length, match[1] ?? '');
  for (const match of code.matchAll(DYNAMIC)) {
    const isTypeQuery = /[:<|&(,=]\s*$/.test(code.slice(0, match.index)) && !/=\s*$/.test(code.slice(0, match.index));
    add(isTypeQuery && match[1] !== '' ? 'type' : 'dynamic', match.index + match[0].length, match[1] ?? '');
  }
  return found;
}
