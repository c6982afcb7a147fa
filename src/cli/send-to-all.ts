// One command for one service, or the same for every service of the cluster, one after the other.
import { ERROR_CATALOGUE } from '../base/error-catalogue.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { MachineCommand } from '../failover/machine-command.ts';
import type { ApiClient } from './api-client.ts';
import { type CommandContext, clientFor, print, type SharedOptions } from './command-context.ts';
import { describeError } from './render-refusal.ts';
import type { StatusAnswer } from './render-status.ts';
import { exchangeCommand, type Sent, sendCommand } from './send-command.ts';

export type AllOptions = SharedOptions & { readonly all?: boolean; readonly wait?: boolean };

type SendingToAll = {
  /** undefined: every service, which has to be said with --all. */
  readonly service: string | undefined;
  readonly options: AllOptions;
  readonly command: MachineCommand;
};

/** The exit code is the worst of all; every service is asked, whatever became of the one before. */
export async function sendToAll(context: CommandContext, { service, options, command }: SendingToAll): Promise<number> {
  if ((service === undefined) === (options.all !== true)) {
    const both = service === undefined ? 'neither of them' : `${service} and --all`;
    throw new OneupError('ONEUP_USAGE', `Cannot choose a service: expected its name or --all, value was ${both}`, {
      remedy: 'Name one service, or write --all for every service of the cluster',
    });
  }
  const client = clientFor(options);
  const sending = { options: { ...options, wait: options.wait ?? false }, command, client };
  if (service !== undefined) return await sendCommand(context, { ...sending, service });
  const answers: { readonly service: string; readonly exitCode: number; readonly answer: object }[] = [];
  for (const id of await serviceIds(client)) {
    const { exitCode, json, text } = await caught(exchangeCommand(context, { ...sending, service: id }));
    answers.push({ service: id, exitCode, answer: json });
    if (options.json !== true) context.console.out(`${id}: ${text.replaceAll('\n', '\n  ')}`);
  }
  if (options.json === true) print(context, options, { json: answers, text: '' });
  return Math.max(0, ...answers.map(({ exitCode }) => exitCode));
}

async function serviceIds(client: ApiClient): Promise<readonly string[]> {
  const { cluster, problem } = await client.get<StatusAnswer>('/v1/status');
  if (cluster !== null) return cluster.services.map(({ service }) => service);
  throw new OneupError('ONEUP_STORE_UNREACHABLE', `Cannot find the services: ${problem?.message ?? 'no cluster'}`);
}

async function caught(exchange: Promise<Sent>): Promise<Sent> {
  try {
    return await exchange;
  } catch (error) {
    if (!(error instanceof OneupError)) throw error;
    const { code, message, remedy } = error;
    const { exitCode } = ERROR_CATALOGUE[code];
    return { exitCode, json: { error: { code, message, remedy } }, text: describeError(error) };
  }
}
