// Problems and warnings as people read them: one place, one reason, one remedy each.
import type { ConfigProblem } from './config-problem.ts';

/** A file with more mistakes than this has one that causes the others. */
const PROBLEMS_SHOWN_MAX = 100;

/** Two lines for each, in the order of the file; no final line break. */
export function formatProblems(problems: readonly ConfigProblem[]): string {
  const lines = problems.slice(0, PROBLEMS_SHOWN_MAX).map(formatProblem);
  const hidden = problems.length - lines.length;
  return [...lines, ...(hidden > 0 ? [`... and ${hidden} more`] : [])].join('\n');
}

function formatProblem({
  file,
  line,
  column,
  path,
  value,
  reason,
  remedy,
  rule,
  code,
  severity,
}: ConfigProblem): string {
  const what = path === '' ? 'the file' : path;
  const start = severity === 'warning' ? `Warning for ${what}` : `Cannot use ${what}`;
  const marks = [...(rule === null ? [] : [rule]), ...(code === 'ONEUP_CONFIG_INVALID' ? [] : [code])];
  const mark = marks.length === 0 ? '' : ` [${marks.join(', ')}]`;
  const was = value === null ? '' : `, value was ${value}`;
  return `${file}:${line}:${column}: ${start}: ${reason}${was}${mark}\n    ${remedy}`;
}
