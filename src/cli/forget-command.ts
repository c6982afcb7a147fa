// `oneup forget`: clears away what is left of a service that was taken out of the configuration.
import type { Command } from 'commander';
import type { Forgotten } from '../api/forget-service.ts';
import { type CommandContext, clientFor, print, type SharedOptions } from './command-context.ts';
import { withExamples, withShared } from './shared-options.ts';

export function addForgetCommand(program: Command, context: CommandContext): void {
  const what = 'Remove the records of a service that is no longer configured, its history included';
  withExamples(withShared(program.command('forget <service>').description(what)), 'oneup forget web').action(
    async (service: string, options: SharedOptions) => {
      const answer = await clientFor(options).post<Forgotten>('/v1/forget', { service });
      const text =
        answer.records === 0 ? `Nothing is known of ${service}` : `${service} is forgotten: ${answer.records} records`;
      print(context, options, { json: answer, text });
    },
  );
}
