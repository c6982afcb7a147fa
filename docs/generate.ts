// Writes the pages that repeat what the code says (`npm run docs`): docs/errors.md from the error catalogue, docs/cli.md from
// the command line, docs/rules.md and docs/state-machine.md from the machine. A test fails when a page and the code disagree. It takes no part in the service.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ERROR_CATALOGUE } from '../src/base/error-catalogue.ts';
import { cliPage } from './cli-page.ts';
import { rulesPage } from './rules-page.ts';
import { stateMachinePage } from './state-machine-page.ts';

/** The page as Markdown, codes in alphabetical order so that a new one is a one-line change. */
export function errorsPage(): string {
  const rows = Object.entries(ERROR_CATALOGUE)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { summary, remedy, exitCode }]) => `| \`${code}\` | ${exitCode} | ${summary}. | ${remedy}. |`);
  return `${HEAD}${rows.join('\n')}\n\n${EXIT_CODES}`;
}

const HEAD = `# Errors

Generated from \`src/base/error-catalogue.ts\` by \`npm run docs\`; edit the catalogue, not this page. Every error that oneup
throws or prints carries one of these codes. A retired code is never used again.

| code | exit | what it means | what to do |
|---|---|---|---|
`;

const EXIT_CODES = `## Exit codes

| exit | meaning |
|---|---|
| 0 | done |
| 1 | the command or the configuration cannot be understood |
| 2 | the store is already initialised |
| 3 | the store is not initialised |
| 4 | no fence ladder |
| 5 | automatic mode is off |
| 6 | the store or the prober cannot be reached |
| 7 | refused by a rule; its id is printed |
| 8 | failed, and rolled back where a rule allows it |
| 9 | blocked: a person has to decide |
| 10 | this node is not the active one |
`;

function write(name: string, page: string): void {
  writeFileSync(fileURLToPath(new URL(name, import.meta.url)), page);
}

if (import.meta.main) {
  write('errors.md', errorsPage());
  write('cli.md', cliPage());
  write('rules.md', rulesPage());
  write('state-machine.md', stateMachinePage());
}
