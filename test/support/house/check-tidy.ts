// Judges one file by the rules of tidiness. Each finding says where and what to do instead.
import { lineOf, maskSource } from './mask-source.ts';
import { measureFunctions } from './measure-functions.ts';
import type { Offence } from './offence.ts';
import type { SourceFile } from './source-tree.ts';
import {
  BANNED_CALLS,
  BANNED_IN_PRODUCT,
  BANNED_IN_TESTS,
  BANNED_SYNTAX,
  type BannedCode,
  EMPTY_NAMES,
  FIXED_SLEEP,
  MACHINE_PATH,
  SILENCER,
  TEST_SLEEP_MAX_MS,
  UNFINISHED,
  WORDS,
} from './tidy-rules.ts';
import { scanTopLevel } from './top-level.ts';

const FILE_LINES_MAX = 300;
const FUNCTION_LINES_MAX = 70;
/** A header that says what a file decides does not fit into less. */
const HEADER_LENGTH_MIN = 40;

type Report = (offset: number, rule: string) => void;

export function checkTypeScript({ path, text }: SourceFile): readonly Offence[] {
  const { code, comments } = maskSource(text);
  const offences: Offence[] = [];
  const report: Report = (offset, rule) => offences.push({ file: path, line: lineOf(text, offset), rule });
  const atLine = (line: number, rule: string) => offences.push({ file: path, line, rule });
  const isTest = path.startsWith('test/');
  const isProduct = /^(?:src|providers|web)\//.test(path);

  checkSize(path, text, code, atLine);
  checkName(path, report);
  checkHeader(comments, text, report);
  checkComments(path, comments, report);
  for (const rule of BANNED_SYNTAX) reportMatches(code, rule.pattern, report, `${rule.name}: ${rule.rule}`);
  reportMatches(text, MACHINE_PATH, report, 'A path of one machine; derive it or take it as a parameter.');
  if (isProduct) {
    for (const rule of BANNED_IN_PRODUCT) reportMatches(code, rule.pattern, report, rule.rule);
    for (const call of BANNED_CALLS) if (!isAllowed(path, call)) reportMatches(code, call.pattern, report, call.rule);
    if (!CLOCKS.test(path))
      reportMatches(text, TIMERS_MODULE, report, 'Timers come from a Clock, not from node:timers.');
    checkTopLevel(path, code, atLine);
  }
  if (isTest) {
    for (const rule of BANNED_IN_TESTS) reportMatches(code, rule.pattern, report, rule.rule);
    for (const match of code.matchAll(FIXED_SLEEP)) {
      if (Number((match[1] ?? '').replaceAll('_', '')) > TEST_SLEEP_MAX_MS)
        report(match.index, 'A fixed sleep over 1 s.');
    }
  }
  return offences;
}

/** Documents: unfinished words, machine paths and the words that have a better one. */
export function checkDocument({ path, text }: SourceFile): readonly Offence[] {
  const offences: Offence[] = [];
  const report: Report = (offset, rule) => offences.push({ file: path, line: lineOf(text, offset), rule });
  checkComments(path, text, report);
  reportMatches(text, MACHINE_PATH, report, 'A path of one machine; derive it or take it as a parameter.');
  return offences;
}

/** An index.ts is the door of a folder: somebody outside must come in through it. `importers` are all files. */
export function checkDoors(files: readonly SourceFile[], importers: readonly SourceFile[]): readonly Offence[] {
  const rule = 'An index.ts that nobody outside the folder imports; delete it.';
  return files.flatMap(({ path }) => {
    if (!path.endsWith('/index.ts')) return [];
    const folder = path.slice(0, -'/index.ts'.length);
    const ending = `${folder.split('/').at(-1)}/index.ts`;
    const isUsed = importers.some((other) => !other.path.startsWith(`${folder}/`) && other.text.includes(ending));
    return isUsed ? [] : [{ file: path, line: 1, rule }];
  });
}

const CLOCKS = /^src\/(?:main\.ts|clock\/)/;
const TIMERS_MODULE = /from 'node:timers(?:\/promises)?'/g;
const PROCESS_ENTRY = /^src\/main\.ts$|-process\.ts$/;

function checkSize(path: string, text: string, code: string, report: (line: number, rule: string) => void): void {
  const lines = text.split('\n').length - 1;
  if (lines > FILE_LINES_MAX) report(FILE_LINES_MAX, `A file of ${lines} lines; ${FILE_LINES_MAX} is the most.`);
  for (const measured of measureFunctions(code)) {
    // A suite is a container of tests: there, only what is not inside another function counts.
    const length = path.startsWith('test/') ? measured.ownLines : measured.lines;
    if (length > FUNCTION_LINES_MAX)
      report(measured.line, `A function of ${length} lines; ${FUNCTION_LINES_MAX} is the most.`);
  }
}

function checkName(path: string, report: Report): void {
  const parts = path.split('/');
  for (const part of parts) {
    const stem = part.replace(/(?:\.test)?\.ts$/, '');
    if (EMPTY_NAMES.has(stem)) report(0, `${stem} says nothing; name the file after its one idea.`);
  }
  const stem = (parts.at(-1) ?? '').replace(/(?:\.test|\.d)?\.ts$/, '');
  if (!/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(stem)) report(0, `File names are kebab-case, value was ${stem}.`);
}

function checkHeader(comments: string, text: string, report: Report): void {
  const body = text.startsWith('#!') ? comments.slice(text.indexOf('\n') + 1) : comments;
  const lines: string[] = [];
  for (const line of body.split('\n')) {
    if (!/^\s*(?:\/\/|\/\*|\*)/.test(line)) break;
    lines.push(line.replace(/^\s*(?:\/\/|\/\*+|\*+\/?)\s*/, ''));
  }
  if (lines.join(' ').trim().length < HEADER_LENGTH_MIN)
    report(0, 'A file opens with a comment that says what it decides.');
}

function checkComments(path: string, comments: string, report: Report): void {
  reportMatches(comments, UNFINISHED, report, 'Finish it, or write down the decision not to.');
  reportMatches(comments, SILENCER, report, 'A silenced compiler needs its reason beside it.');
  for (const { word, instead, except } of WORDS) {
    if (except?.test(path)) continue;
    for (const match of comments.matchAll(word)) report(match.index, `Instead of "${match[0]}" write ${instead}.`);
  }
}

function checkTopLevel(path: string, code: string, report: (line: number, rule: string) => void): void {
  if (PROCESS_ENTRY.test(path)) return;
  for (const { line, kind, text } of scanTopLevel(code)) {
    const rule = kind === 'mutable' ? 'Module state: make it a parameter or type it as readonly' : 'It acts on import';
    report(line, `${rule}, value was ${text}`);
  }
}

function isAllowed(path: string, { allowedIn }: BannedCode): boolean {
  return allowedIn.some((place) => (place.endsWith('/') ? path.startsWith(place) : path === place));
}

function reportMatches(text: string, pattern: RegExp, report: Report, rule: string): void {
  for (const match of text.matchAll(pattern)) report(match.index + (match[0].startsWith('\n') ? 1 : 0), rule);
}
