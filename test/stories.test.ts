// docs/scenarios.md is held to the repository: every story of the register is there once, and what is said to hold it does
// exist. A story that nothing holds names the later part that will, or why it does not apply.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, test } from 'node:test';
import { REPOSITORY, readTree, type SourceFile } from './support/house/source-tree.ts';

/** How many stories each family has, and how many digits their numbers. */
const FAMILIES: readonly (readonly [family: string, stories: number, digits: number])[] = [
  ['FC', 17, 2],
  ['ZK', 20, 2],
  ['ZS', 3, 1],
  ['EL', 9, 1],
  ['HM', 3, 1],
  ['NF', 5, 1],
  ['SF', 6, 1],
  ['SSH', 1, 1],
  ['AD', 11, 1],
  ['PA', 18, 2],
  ['PG', 6, 2],
  ['CU', 5, 2],
  ['OR', 7, 2],
  ['BO', 4, 2],
  ['KA', 3, 2],
  ['AS', 7, 2],
  ['DN', 10, 2],
];
const IDS = FAMILIES.flatMap(([family, stories, digits]) =>
  Array.from({ length: stories }, (_, place) => `${family}-${String(place + 1).padStart(digits, '0')}`),
);
const NAMED = new RegExp(`\\b(?:${FAMILIES.map(([family]) => family).join('|')})-\\d+\\b`, 'g');
const ROW = /^\| ([A-Z]+-\d+) \|(.*)\|(.*)\|$/;
/** A file, and for a program the title of the test in it. */
const REFERENCE = /`(test\/[^`]+)`(?: "([^"]+)")?/g;
/** What may stand for a test. */
const INSTEAD = /^(?:Later, (?:providers|authoritative DNS|API): .{10,}|Does not apply: .{10,})$/;
/** What may stand after one. */
const BESIDE = /^(?:Later, (?:providers|authoritative DNS|API): .{10,}|Note: .{10,})$/;

type Row = { readonly id: string; readonly story: string; readonly heldBy: string };
type Reader = (path: string) => string | null;

const STORIES = readTree(['test/scenarios'], (path) => path.endsWith('.txt'));
const PAGE = readRepository('docs/scenarios.md') ?? '';

describe('register of stories', () => {
  test('every story is there exactly once', () => assert.deepEqual(idFaults(rowsOf(PAGE), IDS), []));

  test('every row says what holds it, and that exists', () => {
    assert.deepEqual(
      rowsOf(PAGE).flatMap((row) => rowFaults(row, readRepository)),
      [],
    );
  });

  test('every golden story names stories of the register, and their rows name it', () => {
    assert.ok(STORIES.length > 60, 'the golden stories were found');
    assert.deepEqual(
      STORIES.flatMap((story) => storyFaults(story, rowsOf(PAGE))),
      [],
    );
  });
});

function rowsOf(page: string): readonly Row[] {
  return page.split('\n').flatMap((line) => {
    const [, id, story, heldBy] = ROW.exec(line) ?? [];
    return id === undefined ? [] : [{ id, story: (story ?? '').trim(), heldBy: (heldBy ?? '').trim() }];
  });
}

function idFaults(rows: readonly Row[], expected: readonly string[]): readonly string[] {
  const found = rows.map(({ id }) => id);
  return [
    ...expected.filter((id) => !found.includes(id)).map((id) => `${id} is missing`),
    ...found.filter((id, place) => found.indexOf(id) !== place).map((id) => `${id} is there twice`),
    ...found.filter((id) => !expected.includes(id)).map((id) => `${id} is unknown`),
  ];
}

function rowFaults({ id, story, heldBy }: Row, read: Reader): readonly string[] {
  const references = [...heldBy.matchAll(REFERENCE)];
  const rest = heldBy.replaceAll(REFERENCE, '').replace(/^[;\s]+/, '');
  const isSaid = references.length === 0 ? INSTEAD.test(rest) : rest === '' || BESIDE.test(rest);
  return [
    ...(story.length < 10 ? [`${id} tells no story`] : []),
    ...(isSaid ? [] : [`${id} has neither a test nor a part nor a reason: ${rest}`]),
    ...references.flatMap(([, path = '', title]) => referenceFaults(id, { path, title }, read)),
  ];
}

type Reference = { readonly path: string; readonly title: string | undefined };

function referenceFaults(id: string, { path, title }: Reference, read: Reader): readonly string[] {
  const text = read(path);
  if (text === null) return [`${id}: there is no ${path}`];
  if (!path.endsWith('.ts')) return title === undefined ? [] : [`${id}: ${path} has no titles`];
  if (title === undefined) return [`${id}: ${path} without the title of a test`];
  const isThere = ["'", '"', '`'].some((quote) => text.includes(`${quote}${title}${quote}`));
  return isThere ? [] : [`${id}: ${path} has no test "${title}"`];
}

function storyFaults({ path, text }: SourceFile, rows: readonly Row[]): readonly string[] {
  const [first = ''] = text.split('\n');
  const named: readonly string[] = first.match(NAMED) ?? [];
  if (named.length === 0 && !first.startsWith('# own')) return [`${path} names no story`];
  return named.flatMap((id) => {
    const row = rows.find((candidate) => candidate.id === id);
    if (row === undefined) return [`${path} names ${id}, which the register does not have`];
    return row.heldBy.includes(`\`${path}\``) ? [] : [`${path} tells ${id}, whose row does not name it`];
  });
}

function readRepository(path: string): string | null {
  const absolute = join(REPOSITORY, posix.normalize(path));
  return existsSync(absolute) ? readFileSync(absolute, 'utf8') : null;
}

describe('register of stories: self-test', () => {
  const read: Reader = (path) => (path.startsWith('test/gone') ? null : "test('it holds', () => {});");
  const faultsOf = (heldBy: string) => rowFaults({ id: 'FC-01', story: 'there and back again', heldBy }, read);

  test('finds ids that are missing, there twice or unknown', () => {
    const rows = rowsOf('| id | story |\n| FC-01 | a | b |\n| FC-01 | a | b |\n| FC-99 | a | b |');
    const expected = ['FC-02 is missing', 'FC-01 is there twice', 'FC-99 is unknown'];
    assert.deepEqual(idFaults(rows, ['FC-01', 'FC-02']), expected);
  });

  const GOOD = [
    '`test/a.test.ts` "it holds"',
    '`test/a.txt`; `test/a.test.ts` "it holds"; Later, API: the state of each node',
    '`test/a.txt`; Note: people have to ask for it',
    'Later, API: the status of each node',
    'Does not apply: there is no such command',
  ];
  for (const heldBy of GOOD) test(`accepts ${heldBy}`, () => assert.deepEqual(faultsOf(heldBy), []));

  const BAD: readonly (readonly [heldBy: string, fault: RegExp])[] = [
    ['', /neither a test nor a part nor a reason/],
    ['some day', /neither a test nor a part nor a reason/],
    ['Later: the lease wait of an agent', /neither a test nor a part nor a reason/],
    ['Later, moon: the lease wait of an agent', /neither a test nor a part nor a reason/],
    ['Does not apply:', /neither a test nor a part nor a reason/],
    ['`test/a.txt`; and more', /neither a test nor a part nor a reason/],
    ['`test/gone.txt`', /there is no test\/gone\.txt/],
    ['`test/a.test.ts`', /without the title of a test/],
    ['`test/a.test.ts` "it hold"', /has no test "it hold"/],
    ['`test/a.txt` "it holds"', /has no titles/],
  ];
  for (const [heldBy, fault] of BAD) test(`refuses ${heldBy}`, () => assert.match(faultsOf(heldBy).join(), fault));

  test('finds golden stories that name nothing, what is not there, or are not named', () => {
    const rows = rowsOf('| FC-01 | there and back | `test/scenarios/a.txt` |');
    const faults = (text: string, path = 'test/scenarios/a.txt') => storyFaults({ path, text }, rows);
    assert.deepEqual(faults('# FC-01, d5: there and back\nworld a b'), []);
    assert.deepEqual(faults('# own, S35: of our own'), []);
    assert.match(faults('# there and back').join(), /names no story/);
    assert.match(faults('# FC-02: there').join(), /which the register does not have/);
    assert.match(faults('# FC-01: there', 'test/scenarios/b.txt').join(), /whose row does not name it/);
  });
});
