// `oneup forget`: clears away what is left of a service that was taken out of the configuration.
import type { Command } from 'commander';
import type { Forgotten } from '../api/forget-service.ts';
import { type CommandContext, clientFor, print, type SharedOptions } from './command-context.ts';
import { withExamples, withShared } from './shared-options.ts';

export function addForgetCommand(program: Command, context: CommandContext): void {
  const what = 'Remove the records of a service that is no longer configured, its history included';
  const command = withShared(program.command('forget <service>').description(what))
    .option('--remove-record', 'also take its name out of the zone, which answers for it until then')
    .option('--record-removed', 'its record at a provider outside oneup was removed there by hand');
  withExamples(command, 'oneup forget web', 'oneup forget web --remove-record').action(
    async (service: string, options: SharedOptions & { removeRecord?: boolean; recordRemoved?: boolean }) => {
      const { removeRecord = false, recordRemoved = false } = options;
      const answer = await clientFor(options).post<Forgotten>('/v1/forget', { service, removeRecord, recordRemoved });
      print(context, options, { json: answer, text: renderForgotten(answer) });
    },
  );
}

function renderForgotten({ service, records, names, disowned }: Forgotten): string {
  if (records === 0) return `Nothing is known of ${service}`;
  const gone = names.length === 0 ? '' : `; not answered any more: ${names.join(', ')}`;
  const left =
    disowned === undefined
      ? ''
      : `; ${disowned.name} stays at provider ${disowned.provider} as it is, without the ownership TXT`;
  return `${service} is forgotten: ${records} records${gone}${left}`;
}
