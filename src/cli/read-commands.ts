// Commands that only look: status, why, plan, incident, history. Reading never changes anything.
import type { Command } from 'commander';
import type { Why } from '../controller/read-why.ts';
import type { HistoryEntry } from '../failover/machine-effect.ts';
import { type CommandContext, clientFor, print, type SharedOptions } from './command-context.ts';
import { addIncident } from './incident-command.ts';
import { onlyService } from './only-service.ts';
import { addPlanCommands } from './plan-commands.ts';
import { renderStatus, type StatusAnswer } from './render-status.ts';
import { renderHistory, renderWhy } from './render-why.ts';
import { withShared } from './shared-options.ts';

export function addReadCommands(program: Command, context: CommandContext): void {
  withShared(
    program
      .command('status [service]')
      .description(
        'What is active, what DNS says, what is going on and what it waits for; how the members of the store are',
      ),
  )
    .option('--watch', 'print again every second until interrupted')
    .action(async (service: string | undefined, options: SharedOptions & { watch?: boolean }) => {
      const client = clientFor(options);
      do {
        const answer = onlyService(await client.get<StatusAnswer>('/v1/status?members=yes'), service);
        print(context, options, { json: answer, text: renderStatus(answer, context.clock.wallMs()) });
        if (options.watch === true) await context.clock.sleep(1_000, { signal: context.signal });
      } while (options.watch === true);
    });
  look<Why>(program, context, {
    name: 'why',
    what: 'Which votes, rules and phases led here, what blocks and what to do',
    render: renderWhy,
  });
  addPlanCommands(program, context);
  addIncident(program, context);
  withShared(program.command('history <service>').description('Operations that have ended, newest first'))
    .option('--limit <count>', 'at most this many', '20')
    .action(async (service: string, options: SharedOptions & { limit: string }) => {
      const path = `/v1/services/${encodeURIComponent(service)}/history?limit=${encodeURIComponent(options.limit)}`;
      const entries = await clientFor(options).get<readonly HistoryEntry[]>(path);
      print(context, options, { json: entries, text: renderHistory(entries) });
    });
}

type Look<T> = { readonly name: string; readonly what: string; readonly render: (value: T) => string };

function look<T>(program: Command, context: CommandContext, { name, what, render }: Look<T>): void {
  withShared(program.command(`${name} <service>`).description(what)).action(
    async (service: string, options: SharedOptions) => {
      const value = await clientFor(options).get<T>(`/v1/services/${encodeURIComponent(service)}/${name}`);
      print(context, options, { json: value, text: render(value) });
    },
  );
}
