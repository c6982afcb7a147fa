// Commands that ask something of a service: passed to the controller, answered by a rule or an operation, and followed.
import type { Command } from 'commander';
import { parseDuration } from '../base/duration.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { ServiceStatus } from '../controller/read-model.ts';
import type { CommandReply, MachineCommand } from '../failover/machine-command.ts';
import type { ApiClient } from './api-client.ts';
import { type CommandContext, clientFor, print, type SharedOptions } from './command-context.ts';
import { followOperation } from './follow-operation.ts';
import { withShared } from './shared-options.ts';

type ReasonOption = SharedOptions & { readonly reason: string; readonly wait: boolean; readonly yes?: boolean };
type NodeOption = ReasonOption & { readonly node: string };

export type Finish = (exitCode: number) => void;

export function addServiceCommands(program: Command, context: CommandContext, finish: Finish): void {
  const send = async (service: string, options: ReasonOption, command: MachineCommand) => {
    finish(await sendCommand(context, { service, options, command, client: clientFor(options) }));
  };
  operationCommand(
    program,
    'switchover <service>',
    'Move the service to another node, or start it where none is active',
  )
    .option('--from <node>', 'refuse unless this is the active node')
    .option('--to <node>', 'node that shall be active (default: the best candidate)')
    .action((service: string, options: ReasonOption & { from?: string; to?: string }) => {
      const { from = null, to = null, reason } = options;
      return send(service, options, { kind: 'switchover', from, to, reason });
    });
  operationCommand(program, 'failback <service>', 'Move the service back to its preferred node').action(
    (service: string, options: ReasonOption) => send(service, options, { kind: 'failback', reason: options.reason }),
  );
  operationCommand(program, 'adopt <service>', 'Take over an instance that already runs, without restarting it')
    .requiredOption('--node <node>', 'where it runs')
    .action((service: string, options: NodeOption) =>
      send(service, options, { kind: 'adopt', node: options.node, reason: options.reason }),
    );
  operationCommand(
    program,
    'rejoin <service>',
    'Let a failed or fenced node be a standby again, after its resync action',
  )
    .requiredOption('--node <node>', 'the repaired node')
    .action((service: string, options: NodeOption) =>
      send(service, options, { kind: 'rejoin', node: options.node, reason: options.reason }),
    );
  addConfirmDown(program, context, finish);
  addMaintenance(program, send);
}

function operationCommand(program: Command, usage: string, description: string): Command {
  return withShared(program.command(usage).description(description))
    .option('--reason <text>', 'why, for the journal', 'asked for on the command line')
    .option('--no-wait', 'return as soon as the operation has begun');
}

/** A person's word needs a reason, and the version of the record that the person was shown (S17). */
function addConfirmDown(program: Command, context: CommandContext, finish: Finish): void {
  withShared(
    program.command('confirm-down <service>').description('Give your word that a node is down, after you made sure'),
  )
    .requiredOption('--node <node>', 'the node that is down')
    .requiredOption('--reason <text>', 'how you know')
    .option(
      '--record-version <number>',
      'version of the record you looked at, from oneup status (default: the one of this moment)',
    )
    .action(async (service: string, options: NodeOption & { recordVersion?: string }) => {
      const client = clientFor(options);
      const status = await client.get<ServiceStatus>(`/v1/services/${service}`);
      const shown = status.nodes.find((candidate) => candidate.node === options.node)?.breadcrumb.version ?? 0;
      const version = options.recordVersion === undefined ? shown : Number(options.recordVersion);
      const command: MachineCommand = { kind: 'confirmDown', node: options.node, reason: options.reason, version };
      finish(await sendCommand(context, { service, options: { ...options, wait: false }, command, client }));
    });
}

type Send = (service: string, options: ReasonOption, command: MachineCommand) => Promise<void>;

function addMaintenance(program: Command, send: Send): void {
  withShared(
    program
      .command('maintenance <on|off> <service>')
      .description('Hands off a service or one of its standbys, with a reason and an expiry'),
  )
    .option('--node <node>', 'only this node')
    .option('--reason <text>', 'why; needed for on')
    .option('--for <duration>', 'expiry, such as 2h', '4h')
    .option('--no-wait', 'return as soon as it is accepted')
    .action((onOff: string, service: string, options: ReasonOption & { node?: string; for: string }) => {
      if (onOff !== 'on' && onOff !== 'off')
        throw new OneupError('ONEUP_USAGE', `Cannot read maintenance: expected on or off, value was ${onOff}`);
      if (onOff === 'on' && options.reason === undefined)
        throw new OneupError('ONEUP_USAGE', 'Cannot begin maintenance: --reason is missing');
      const expiry = parseDuration(options.for);
      if (!expiry.ok)
        throw new OneupError('ONEUP_USAGE', `Cannot read --for: ${expiry.error}, value was ${options.for}`);
      const { node = null, reason = 'maintenance ends' } = options;
      return send(service, options, {
        kind: 'maintenance',
        on: onOff === 'on',
        node,
        reason,
        expiresAfterMs: expiry.value,
      });
    });
}

type Sending = {
  readonly service: string;
  readonly options: ReasonOption;
  readonly command: MachineCommand;
  readonly client: ApiClient;
};

async function sendCommand(context: CommandContext, { service, options, command, client }: Sending): Promise<number> {
  const reply = await client.post<CommandReply>(`/v1/services/${encodeURIComponent(service)}/commands`, {
    actor: context.actor,
    command,
  });
  if (reply.kind === 'refused') {
    const { rule, reason, remedy } = reply.refusal;
    print(context, options, { json: reply, text: `Refused by ${rule}: ${reason}\nRemedy: ${remedy}` });
    return 7;
  }
  if (reply.opId === null || !options.wait) {
    print(context, options, { json: reply, text: reply.opId === null ? reply.note : `${reply.note} (${reply.opId})` });
    return 0;
  }
  const { exitCode, followed } = await followOperation(context, client, {
    service,
    opId: reply.opId,
    untilActive: true,
  });
  const { operation, ended } = followed;
  const text =
    ended !== null
      ? `${ended.op.kind} ${ended.outcome}: ${ended.summary}`
      : exitCode === 9
        ? `Blocked: ${operation?.waitsFor}`
        : exitCode === 8
          ? `${operation?.kind} failed and was rolled back: ${operation?.to} is active again; see oneup why ${service}`
          : `${operation?.to} is active; DNS follows (${operation?.phase})`;
  print(context, options, { json: { ...reply, exitCode, operation, ended }, text });
  return exitCode;
}
