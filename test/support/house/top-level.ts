// Finds what stands at the top level of a module and should not: mutable state, and statements that act on import.
import { lineOf } from './mask-source.ts';

export type TopLevelFinding = { readonly line: number; readonly kind: 'mutable' | 'statement'; readonly text: string };

const MUTABLE_VALUE = /=\s*(?:new (?:Map|Set|WeakMap|WeakSet|Array)\b|\[\s*\]\s*;|\{\s*\}\s*;)/;
const STATEMENT =
  /^(?:await\b|[\w$]+(?:\.[\w$]+)*\s*\(|[\w$.]+\s*[-+*]?=[^=>]|if\s*\(|for\s*\(|while\s*\(|try\b|switch\s*\()/;
const DECLARATION = /^(?:import|export|const|function|async|type|interface|class|declare|abstract)\b/;

export function scanTopLevel(code: string): readonly TopLevelFinding[] {
  const findings: TopLevelFinding[] = [];
  for (const { text, offset } of statements(code)) {
    const line = lineOf(code, offset);
    const bare = text.replace(/^export\s+/, '');
    if (/^(?:let|var)\b/.test(bare)) findings.push({ line, kind: 'mutable', text: firstWords(bare) });
    else if (
      /^const\b/.test(bare) &&
      MUTABLE_VALUE.test(bare) &&
      !/^const [\w$]+:\s*(?:Readonly|readonly)/.test(bare)
    ) {
      findings.push({ line, kind: 'mutable', text: firstWords(bare) });
    } else if (!DECLARATION.test(bare) && STATEMENT.test(bare)) {
      findings.push({ line, kind: 'statement', text: firstWords(bare) });
    }
  }
  return findings;
}

function firstWords(text: string): string {
  return text.slice(0, 40).replace(/\s+/g, ' ').trim();
}

/** Text of each line that begins at the top level, joined with what follows until the next such line. */
function statements(code: string): readonly { readonly text: string; readonly offset: number }[] {
  const found: { text: string; offset: number }[] = [];
  let depth = 0;
  let offset = 0;
  for (const line of code.split('\n')) {
    const last = found.at(-1);
    if (depth === 0 && /^\S/.test(line) && !/^[)}\]/*]/.test(line)) found.push({ text: line, offset });
    else if (last !== undefined) last.text += `\n${line}`;
    for (const char of line) {
      if ('{([`'.includes(char)) depth += char === '`' ? 0 : 1;
      if ('})]'.includes(char)) depth -= 1;
    }
    offset += line.length + 1;
  }
  return found;
}
