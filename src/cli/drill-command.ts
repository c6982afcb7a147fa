// `oneup drill`: would a failover work? On paper, by asking everything that it would rest on, or by doing it and coming back.
import type { Command } from 'commander';
import { formatDuration, parseDuration } from '../base/duration.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { HistoryEntry } from '../failover/machine-effect.ts';
import { type CommandContext, clientFor } from './command-context.ts';
import { table } from './console.ts';
import { showPlan } from './plan-commands.ts';
import { type Finish, type ReasonOption, sendCommand } from './send-command.ts';
import { withExamples, withShared } from './shared-options.ts';

type Options = ReasonOption & {
  readonly check?: boolean;
  readonly live?: boolean;
  readonly to?: string;
  readonly hold?: string;
};

const HOLD_DEFAULT = '5m';

export function addDrill(program: Command, context: CommandContext, finish: Finish): void {
  const what =
    'See whether a failover would work: as a plan, with --check by asking, with --live by moving and coming back';
  const command = withShared(program.command('drill <service>').description(what))
    .option('--check', 'ask every standby, every fence level and the DNS provider; nothing is changed')
    .option('--live', 'move the service, stay away for a while, and come back')
    .option('--to <node>', 'with --live: where to (default: the best candidate)')
    .option(
      '--hold <duration>',
      `with --live: how long it stays away once it is stable there (default: ${HOLD_DEFAULT})`,
    )
    .option('--reason <text>', 'why, for the journal', 'a drill')
    .option('--no-wait', 'return as soon as the operation has begun');
  withExamples(command, 'oneup drill web --check', 'oneup drill web --live --hold 10m').action(
    async (service: string, options: Options) => finish(await drill(context, service, options)),
  );
}

async function drill(context: CommandContext, service: string, options: Options): Promise<number> {
  const { check = false, live = false, to = null, hold, reason } = options;
  if (check && live) usage('--check and --live exclude each other');
  if (!live && (to !== null || hold !== undefined)) usage('--to and --hold go with --live');
  if (!check && !live) return await showPlan(context, service, options);
  const holdMs = parseDuration(hold ?? HOLD_DEFAULT);
  if (!holdMs.ok) usage(`--hold: ${holdMs.error}, value was ${hold}`);
  const command = { kind: 'drill', live, to, holdMs: live ? holdMs.value : 0, reason } as const;
  const afterwards = `it comes back by itself after ${formatDuration(holdMs.value)} of quiet, see oneup status`;
  const sending = { service, options, command, client: clientFor(options) };
  return await sendCommand(context, live ? { ...sending, afterwards } : { ...sending, render: renderFindings });
}

function renderFindings({ op, summary }: HistoryEntry): string {
  const rows = op.findings.map(({ what, ok, reason }) => [`  ${ok ? 'good' : 'BAD'}`, what, reason]);
  return `${summary}\n${table(rows)}`;
}

function usage(problem: string): never {
  throw new OneupError('ONEUP_USAGE', `Cannot begin the drill: ${problem}`);
}
