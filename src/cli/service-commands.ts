// Commands that move a service or bring a node back: passed to the controller, answered by a rule or an operation, followed.
import type { Command } from 'commander';
import { OneupError } from '../base/oneup-error.ts';
import type { ServiceStatus } from '../controller/read-model.ts';
import type { RecordReport } from '../controller/read-record.ts';
import type { MachineCommand } from '../failover/machine-command.ts';
import type { RuleId } from '../failover/refusal.ts';
import { type CommandContext, clientFor, print } from './command-context.ts';
import { addOverrides, OVERRIDE_WORDS } from './parse-overrides.ts';
import { renderRecord } from './render-record.ts';
import { type Finish, type ReasonOption, sendCommand } from './send-command.ts';
import { withExamples, withShared } from './shared-options.ts';
import { addSwitchover } from './switchover-command.ts';

type NodeOption = ReasonOption & { readonly node: string };
type Send = (service: string, options: ReasonOption, command: MachineCommand) => Promise<void>;

export function addServiceCommands(program: Command, context: CommandContext, finish: Finish): void {
  const send: Send = async (service, options, command) => {
    finish(await sendCommand(context, { service, options, command, client: clientFor(options) }));
  };
  addSwitchover(program, context, finish);
  addForcedFailover(program, send);
  withExamples(
    operationCommand(program, 'failback <service>', 'Move the service back to its preferred node'),
    'oneup failback web --reason "a has new disks"',
  ).action((service: string, options: ReasonOption) =>
    send(service, options, { kind: 'failback', reason: options.reason }),
  );
  addAdopt(program, context, finish);
  addRejoin(program, send);
  addDrain(program, send);
  addRepair(program, send);
  addConfirmDown(program, context, finish);
}

type AdoptOptions = ReasonOption & { readonly node?: string; readonly record?: string | true };

/** An instance, a DNS record, or both: the record first, so that the cutover of the adoption finds it free (S11). */
function addAdopt(program: Command, context: CommandContext, finish: Finish): void {
  const what = 'Take over what exists already: an instance that runs, without restarting it, or a DNS record';
  withExamples(
    operationCommand(program, 'adopt <service>', what),
    'oneup adopt web --node a',
    'oneup adopt web --record',
    'oneup adopt web --record 3f9ab0c41d27 --node a',
  )
    .option('--node <node>', 'where the instance runs')
    .option(
      '--record [shown]',
      'shows the record and what would be written; with the word that it gives, takes it over',
    )
    .action(async (service: string, { node, record, ...options }: AdoptOptions) => {
      const { reason } = options;
      if (node === undefined && record === undefined)
        throw new OneupError('ONEUP_USAGE', 'Cannot adopt: name --node, --record or both');
      const client = clientFor(options);
      if (record === true) {
        const path = `/v1/services/${encodeURIComponent(service)}/record`;
        const report = await client.get<RecordReport>(
          node === undefined ? path : `${path}?to=${encodeURIComponent(node)}`,
        );
        print(context, options, { json: report, text: renderRecord(service, report) });
        return finish(report.problem === null ? 0 : 7);
      }
      if (record !== undefined) {
        const command: MachineCommand = { kind: 'adoptRecord', shown: record, reason };
        const code = await sendCommand(context, { service, options, command, client });
        if (code !== 0 || node === undefined) return finish(code);
      }
      if (node !== undefined)
        finish(await sendCommand(context, { service, options, command: { kind: 'adopt', node, reason }, client }));
    });
}

function operationCommand(program: Command, usage: string, description: string): Command {
  return withShared(program.command(usage).description(description))
    .option('--reason <text>', 'why, for the journal', 'asked for on the command line')
    .option('--no-wait', 'return as soon as the operation has begun');
}

type FailoverOptions = ReasonOption & { readonly to: string; readonly override: readonly RuleId[] };

/** Needs a reason and a target, because it goes against what the rules advise. */
function addForcedFailover(program: Command, send: Send): void {
  const what =
    'Move the service by force: sets aside the rules that you name, never the proof that the old node is down';
  const command = withShared(program.command('failover <service>').description(what))
    .requiredOption('--to <node>', 'node that shall be active')
    .requiredOption('--reason <text>', 'why, for the journal')
    .option<readonly RuleId[]>(
      '--override <rules>',
      `rule to set aside, once or more, or several with commas: ${OVERRIDE_WORDS}`,
      addOverrides,
      [],
    )
    .option('--no-wait', 'return as soon as the operation has begun');
  withExamples(
    command,
    'oneup failover web --to b --reason "a smells of smoke"',
    'oneup failover web --to b --override readiness,lag --reason "an old copy is better than none"',
  ).action((service: string, { to, override, reason, ...options }: FailoverOptions) =>
    send(service, { ...options, reason }, { kind: 'failover', to, overrides: override, reason }),
  );
}

function addRejoin(program: Command, send: Send): void {
  const what = 'Let a failed or fenced node be a standby again, after its resync action';
  withExamples(operationCommand(program, 'rejoin <service>', what), 'oneup rejoin web --node a')
    .requiredOption('--node <node>', 'the repaired node')
    .action((service: string, { node, ...options }: NodeOption) =>
      send(service, options, { kind: 'rejoin', node, reason: options.reason }),
    );
}

/** Nodes of an active-active service; an active-passive one is moved instead. */
function addDrain(program: Command, send: Send): void {
  const texts = [
    ['drain', 'Take a node of an active-active service out of the answer, and wait until nobody is sent to it'],
    ['undrain', 'Let a drained node of an active-active service answer again'],
  ] as const;
  for (const [kind, what] of texts) {
    withExamples(
      operationCommand(program, `${kind} <service>`, what),
      `oneup ${kind} web --node b --reason "kernel update"`,
    )
      .requiredOption('--node <node>', 'the node')
      .action((service: string, { node, ...options }: NodeOption) =>
        send(service, options, { kind, node, reason: options.reason }),
      );
  }
}

function addRepair(program: Command, send: Send): void {
  const what = 'Say that you repair a failed node, and what you found';
  const command = withShared(program.command('repair <service>').description(what))
    .requiredOption('--node <node>', 'the failed node')
    .requiredOption('--reason <text>', 'what you are going to do')
    .option('--root-cause <text>', 'what made it fail; kept with the incident');
  withExamples(command, 'oneup repair web --node a --reason "new disk" --root-cause "the disk was full"').action(
    (service: string, options: NodeOption & { rootCause?: string }) => {
      const { node, rootCause = null, reason } = options;
      return send(service, { ...options, wait: false }, { kind: 'repair', node, rootCause, reason });
    },
  );
}

/** A person's word needs a reason, and the version of the record that the person was shown (S17). */
function addConfirmDown(program: Command, context: CommandContext, finish: Finish): void {
  const what = 'Give your word that a node is down, after you made sure';
  const command = withShared(program.command('confirm-down <service>').description(what))
    .requiredOption('--node <node>', 'the node that is down')
    .requiredOption('--reason <text>', 'how you know')
    .option(
      '--record-version <number>',
      'version of the record you looked at, from oneup status (default: the one of this moment)',
    );
  withExamples(command, 'oneup confirm-down web --node a --reason "power cable pulled, rack 4"').action(
    async (service: string, options: NodeOption & { recordVersion?: string }) => {
      const client = clientFor(options);
      const status = await client.get<ServiceStatus>(`/v1/services/${encodeURIComponent(service)}`);
      const shown = status.nodes.find((candidate) => candidate.node === options.node)?.breadcrumb.version ?? 0;
      const version = options.recordVersion === undefined ? shown : Number(options.recordVersion);
      const word: MachineCommand = { kind: 'confirmDown', node: options.node, reason: options.reason, version };
      finish(await sendCommand(context, { service, options: { ...options, wait: false }, command: word, client }));
    },
  );
}
