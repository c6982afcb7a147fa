// `oneup switchover`: now, at a time, or no more.
import type { Command } from 'commander';
import { formatDuration } from '../base/duration.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { MachineCommand } from '../failover/machine-command.ts';
import { type CommandContext, clientFor, print } from './command-context.ts';
import { parseWhen, WHEN_EXAMPLES } from './parse-when.ts';
import { exchangeCommand, type Finish, type ReasonOption, sendCommand } from './send-command.ts';
import { withExamples, withShared } from './shared-options.ts';

type Options = ReasonOption & {
  readonly from?: string;
  readonly to?: string;
  readonly at?: string;
  readonly cancel?: boolean;
  readonly ttlWait: boolean;
};

export function addSwitchover(program: Command, context: CommandContext, finish: Finish): void {
  const what = 'Move the service to another node, or start it where none is active; now or at a time';
  const command = withShared(program.command('switchover <service>').description(what))
    .option('--from <node>', 'refuse unless this is the active node')
    .option('--to <node>', 'node that shall be active (default: the best candidate)')
    .option('--at <time>', `begin at this time: ${WHEN_EXAMPLES}`)
    .option('--cancel', 'forget the scheduled switchover')
    .option('--no-ttl-wait', 'do not wait until resolvers have forgotten the old answer')
    .option('--reason <text>', 'why, for the journal', 'asked for on the command line')
    .option('--no-wait', 'return as soon as the operation has begun');
  withExamples(
    command,
    'oneup switchover web --to b --reason "kernel update on a"',
    'oneup switchover web --to b --at 02:30',
    'oneup switchover web --cancel',
  ).action(async (service: string, options: Options) => {
    const wanted = machineCommand(options, context.clock.wallMs());
    const sending = { service, options, command: wanted, client: clientFor(options) };
    if (wanted.kind !== 'schedule') return finish(await sendCommand(context, sending));
    const { exitCode, json, text } = await exchangeCommand(context, sending);
    const inTime = formatDuration(wanted.atWallMs - context.clock.wallMs());
    const answer = exitCode === 0 ? { ...json, atWallMs: wanted.atWallMs } : json;
    print(context, options, { json: answer, text: exitCode === 0 ? `${text} (UTC, in ${inTime})` : text });
    finish(exitCode);
  });
}

function machineCommand(options: Options, nowWallMs: number): MachineCommand {
  const { from = null, to = null, at, cancel = false, ttlWait, reason } = options;
  if (cancel) {
    if (at !== undefined || from !== null || to !== null || !ttlWait) refuse('--cancel stands alone', '--cancel');
    return { kind: 'unschedule', reason };
  }
  if (at === undefined) return { kind: 'switchover', from, to, waitsForTtl: ttlWait, reason };
  if (!ttlWait) refuse('--no-ttl-wait goes with a switchover that begins now', '--no-ttl-wait with --at');
  const when = parseWhen(at, nowWallMs);
  if (!when.ok) refuse(when.error, at);
  return { kind: 'schedule', from, to, atWallMs: when.value, reason };
}

function refuse(reason: string, value: string): never {
  throw new OneupError('ONEUP_USAGE', `Cannot schedule a switchover: ${reason}, value was ${value}`, {
    remedy: `Write a time such as ${WHEN_EXAMPLES}`,
  });
}
