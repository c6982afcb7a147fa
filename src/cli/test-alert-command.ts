// `oneup test-alert`: does an alert really reach people?
import type { Command } from 'commander';
import type { AlertOutcome } from '../ports/alerter.ts';
import { type CommandContext, clientFor, print, type SharedOptions } from './command-context.ts';
import { table } from './console.ts';
import type { Finish } from './send-command.ts';
import { withExamples, withShared } from './shared-options.ts';

type Outcomes = Readonly<Record<string, AlertOutcome>>;

export function addTestAlert(program: Command, context: CommandContext, finish: Finish): void {
  const what = 'Send a test alert to every channel of the prober that is asked, or to one';
  withExamples(withShared(program.command('test-alert [channel]').description(what)), 'oneup test-alert pager').action(
    async (channel: string | undefined, options: SharedOptions) => {
      const outcomes = await clientFor(options).post<Outcomes>('/v1/test-alert', { channel: channel ?? null });
      print(context, options, { json: outcomes, text: render(outcomes) });
      finish(Object.values(outcomes).some(({ kind }) => kind === 'failed') ? 1 : 0);
    },
  );
}

function render(outcomes: Outcomes): string {
  return table(
    Object.entries(outcomes).map(([name, outcome]) => [
      name,
      outcome.kind,
      outcome.kind === 'failed' ? outcome.reason : 'the channel took it; look whether it arrived',
    ]),
  );
}
