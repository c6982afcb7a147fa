// Writes docs/cli.md from the commands as they are: names, arguments, options, defaults and descriptions come from the program
// itself, so that the page cannot say what the program does not do.
import type { Argument, Command, Option } from 'commander';
import type { CommandContext } from '../src/cli/command-context.ts';
import { createProgram } from '../src/cli/program.ts';

/** The page as Markdown, commands in the order of `oneup --help`. */
export function cliPage(): string {
  const program = createProgram(WITHOUT_ACTIONS, () => undefined);
  const { commands } = program;
  const shared = sharedOptions(commands);
  const overview = commands.map(
    (command) => `| [\`${usage(command).replaceAll('|', '\\|')}\`](#${command.name()}) | ${command.description()} |`,
  );
  const sections = commands.map((command) => section(command, shared));
  return [HEAD, ...overview, '', OPTIONS_HEAD, ...optionRows(optionsIn(commands, shared)), '', ...sections, FOOT].join(
    '\n',
  );
}

/** The page is made from the shape of the program; no command is ever run. */
const WITHOUT_ACTIONS: CommandContext = {
  console: { out: noAction, err: noAction, isInteractive: false },
  clock: { wallMs: noAction, monotonicMs: noAction, bootMs: noAction, timer: noAction, sleep: noAction },
  parentEnv: {},
  actor: '',
  pid: 0,
  uniqueId: noAction,
  signal: new AbortController().signal,
};

function noAction(): never {
  throw new TypeError('Cannot run a command: this program is only read');
}

function usage(command: Command): string {
  const words = command.registeredArguments.map(argumentText);
  return ['oneup', command.name(), ...words].join(' ');
}

function argumentText(argument: Argument): string {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
}

/** Flags that every command has; one that reads no configuration has none of them. */
function sharedOptions(commands: readonly Command[]): ReadonlySet<string> {
  const configured = commands.filter(readsConfig);
  const [first, ...others] = configured.map((command) => new Set(command.options.map((option) => option.flags)));
  return new Set([...(first ?? [])].filter((flags) => others.every((set) => set.has(flags))));
}

function readsConfig({ options }: Command): boolean {
  return options.some(({ long }) => long === '--config');
}

function optionsIn(commands: readonly Command[], flags: ReadonlySet<string>): readonly Option[] {
  return (commands[0]?.options ?? []).filter((option) => flags.has(option.flags));
}

function section(command: Command, shared: ReadonlySet<string>): string {
  const own = command.options.filter((option) => !shared.has(option.flags));
  const rows = own.length === 0 ? [] : [OPTION_TABLE, ...optionRows(own), ''];
  return [
    `## ${command.name()}`,
    '',
    '```text',
    usage(command),
    '```',
    '',
    `${command.description()}.`,
    '',
    ...rows,
  ].join('\n');
}

function optionRows(options: readonly Option[]): readonly string[] {
  return options.map((option) => {
    const { flags, description, mandatory, defaultValue } = option;
    const preset = mandatory ? 'required' : typeof defaultValue === 'string' ? `\`${defaultValue}\`` : '';
    return `| \`${flags}\` | ${description} | ${preset} |`;
  });
}

const HEAD = `# Commands

Generated from the program by \`npm run docs\`; edit \`src/cli\`, not this page. Commands that ask a prober find its socket by
the configuration; only \`init\`, \`recover\`, \`run\` and \`check-config --connect\` open the store. Results are printed on standard output, progress on standard error.

| command | what it does |
|---|---|`;

const OPTION_TABLE = `| option | meaning | default |
|---|---|---|`;

const OPTIONS_HEAD = `## Options of every command

\`run-if-active\` and \`jobs\` read no configuration and have none of them but what is listed with them.

${OPTION_TABLE}`;

const FOOT = `## After a command

Exit codes are those of [errors.md](errors.md#exit-codes): 7 when a rule refused, with its id and what to do; 8 when the
operation failed; 9 when it is blocked and a person has to decide. A command that is interrupted ends with 130, and the operation that it
began goes on: \`oneup why\` shows it. \`status\` ends with 0 as long as a prober answers, also without a store: scripts look at \`cluster\`
in its \`--json\`, which is null then.
`;
