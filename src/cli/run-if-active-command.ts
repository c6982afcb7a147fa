// `oneup run-if-active`: the same code as the program oneup-run-if-active, which starts sooner and is the one for crontabs.
import type { Command } from 'commander';
import { readBootMs } from '../clock/boot-clock.ts';
import { forwardSignals } from '../job/forward-signals.ts';
import { runIfActive } from '../job/run-if-active.ts';
import {
  DEFAULT_STATE_PATH,
  NOT_ACTIVE,
  type RawOptions,
  type RunOptions,
  readRunOptions,
  TIMED_OUT,
} from '../job/run-options.ts';
import type { CommandContext } from './command-context.ts';
import type { Finish } from './send-command.ts';

type ActiveOptions = {
  readonly state: string;
  readonly maxStateAge?: string;
  readonly killOnLoss?: boolean;
  readonly elseExit: string;
  readonly keeper: boolean;
  readonly quiet?: boolean;
  readonly starting?: boolean;
  readonly timeout?: string;
  readonly result?: string;
};

export function addRunIfActive(program: Command, context: CommandContext, finish: Finish): void {
  program
    .command('run-if-active <service> [command...]')
    .description('Run what follows after -- if the service is active on this node, and end it with the service')
    .option('--state <file>', 'what the agent wrote', DEFAULT_STATE_PATH)
    .option(
      '--max-state-age <duration>',
      'refuse when the last renewal is older (default: twice the time between renewals)',
    )
    .option('--kill-on-loss', 'end the command when the node stops being active, before the lease ends')
    .option('--else-exit <code>', 'exit code when the command is not run', String(NOT_ACTIVE))
    .option('--no-keeper', 'run it although no keeper ends it with the service')
    .option('--quiet', 'do not say why it is not run')
    .option('--starting', 'also while the service is being started here: for the guard of its own unit')
    .option('--timeout <duration>', `SIGTERM after this long, SIGKILL 5 s later; the exit code is then ${TIMED_OUT}`)
    .option('--result <file>', 'write how it ended into this file, as JSON')
    .action(async (service: string, command: readonly string[], options: ActiveOptions) => {
      finish(await run(context, readRunOptions(service, command, rawOptions(options))));
    });
}

function rawOptions(options: ActiveOptions): RawOptions {
  const { state, maxStateAge, killOnLoss, elseExit, keeper, quiet, starting, timeout, result } = options;
  const switches = { 'kill-on-loss': killOnLoss, 'no-keeper': !keeper, quiet, starting };
  return { state, 'max-state-age': maxStateAge, 'else-exit': elseExit, ...switches, timeout, result };
}

function run({ clock, parentEnv, console }: CommandContext, options: RunOptions): Promise<number> {
  const say = (line: string) => console.err(`${line}\n`);
  return runIfActive(options, { clock, readBootMs, env: parentEnv, say, onSignal: forwardSignals });
}
