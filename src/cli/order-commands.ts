// What a person asks of a running operation: give it up, go back, or let it go on. Bound to the operation that the person saw:
// without --op the one that runs is looked up and shown, and its id is sent, so that it is never another one.
import type { Command } from 'commander';
import type { ServiceStatus } from '../controller/read-model.ts';
import type { CommandReply } from '../failover/machine-command.ts';
import type { Outcome } from '../failover/operation.ts';
import type { ApiClient } from './api-client.ts';
import { type CommandContext, clientFor, print } from './command-context.ts';
import { renderRefusal } from './render-refusal.ts';
import { type Finish, type ReasonOption, sendCommand } from './send-command.ts';
import { withExamples, withShared } from './shared-options.ts';

type Kind = 'abort' | 'rollback' | 'continue';
type Options = ReasonOption & { readonly op?: string };

const ORDERS: Readonly<Record<Kind, { readonly what: string; readonly wanted: Outcome; readonly example: string }>> = {
  abort: {
    what: 'Give up a running operation that has not stopped anything yet, and undo what prepared it',
    wanted: 'aborted',
    example: 'oneup abort web --reason "wrong node"',
  },
  rollback: {
    what: 'Turn a running planned operation round: what it started is stopped and the old node is active again',
    wanted: 'rolledBack',
    example: 'oneup rollback web --op mb2k1x9c-17 --reason "b is too slow"',
  },
  continue: {
    what: 'Let an operation go on that was paused for its age, or try at once what waits for its next try',
    wanted: 'done',
    example: 'oneup continue web --reason "the copy is nearly done"',
  },
};

export function addOrderCommands(program: Command, context: CommandContext, finish: Finish): void {
  for (const kind of ['abort', 'rollback', 'continue'] as const) {
    const { what, example } = ORDERS[kind];
    const command = withShared(program.command(`${kind} <service>`).description(what))
      .option('--op <id>', 'the operation you mean (default: the one that runs, which is shown)')
      .option('--reason <text>', 'why, for the journal', 'asked for on the command line')
      .option('--no-wait', 'return as soon as it is accepted');
    withExamples(command, example).action(async (service: string, options: Options) =>
      finish(await order(context, service, options, kind)),
    );
  }
}

async function order(context: CommandContext, service: string, options: Options, kind: Kind): Promise<number> {
  const client = clientFor(options);
  const opId = options.op ?? (await runningOperation(context, client, service));
  if (opId === null) {
    const reply = nothingRuns(service);
    print(context, options, { json: reply, text: renderRefusal(reply.refusal) });
    return 7;
  }
  const command = { kind, opId, reason: options.reason } as const;
  return await sendCommand(context, { service, options, command, client, wanted: ORDERS[kind].wanted });
}

async function runningOperation(context: CommandContext, client: ApiClient, service: string): Promise<string | null> {
  const { operation } = await client.get<ServiceStatus>(`/v1/services/${encodeURIComponent(service)}`);
  if (operation === null) return null;
  const { opId, title, phase, actor } = operation;
  context.console.err(`Operation ${opId}: ${title}, by ${actor}, in ${phase}\n`);
  return opId;
}

function nothingRuns(service: string): Extract<CommandReply, { kind: 'refused' }> {
  const remedy = `Look with oneup status; to move it again, run oneup switchover ${service}`;
  const reason = `no operation of ${service} is running that could be changed`;
  return { kind: 'refused', refusal: { rule: 'S10.operation-differs', reason, remedy } };
}
