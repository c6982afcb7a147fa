// Commands that hold operations or let them go: maintenance, freeze and gates, and what a person has taken note of.
import type { Command } from 'commander';
import { parseDuration } from '../base/duration.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { MachineCommand } from '../failover/machine-command.ts';
import type { CommandContext } from './command-context.ts';
import type { Finish } from './send-command.ts';
import { type AllOptions, sendToAll } from './send-to-all.ts';
import { withExamples, withShared } from './shared-options.ts';

type HoldOptions = AllOptions & { readonly reason?: string };
type Send = (service: string | undefined, options: AllOptions, command: MachineCommand) => Promise<void>;

const ALL = 'every service of the cluster, one after the other';

export function addHoldCommands(program: Command, context: CommandContext, finish: Finish): void {
  const send: Send = async (service, options, command) => {
    finish(await sendToAll(context, { service, options, command }));
  };
  addMaintenance(program, send);
  addFreeze(program, send);
  addGate(program, send);
  addNotes(program, send);
}

type MaintenanceOptions = HoldOptions & { readonly node?: string; readonly for: string };

function addMaintenance(program: Command, send: Send): void {
  const what = 'Hands off a service or one of its standbys, with a reason and an expiry';
  const command = withShared(program.command('maintenance <on|off> [service]').description(what))
    .option('--all', ALL)
    .option('--node <node>', 'only this node')
    .option('--reason <text>', 'why; needed for on')
    .option('--for <duration>', 'expiry, such as 2h', '4h')
    .option('--no-wait', 'return as soon as it is accepted');
  withExamples(
    command,
    'oneup maintenance on web --node b --reason "new fan" --for 2h',
    'oneup maintenance off --all',
  ).action((onOff: string, service: string | undefined, options: MaintenanceOptions) => {
    const on = isOn(onOff, 'maintenance');
    if (on && options.reason === undefined) usage('Cannot begin maintenance: --reason is missing', SAY_WHY);
    if (options.all === true && options.node !== undefined)
      usage(`Cannot choose a node of every service: --all and --node, value was ${options.node}`);
    const expiry = parseDuration(options.for);
    if (!expiry.ok) usage(`Cannot read --for: ${expiry.error}, value was ${options.for}`);
    const { node = null, reason = 'maintenance ends' } = options;
    return send(service, options, { kind: 'maintenance', on, node, reason, expiresAfterMs: expiry.value });
  });
}

function addFreeze(program: Command, send: Send): void {
  const what = 'Let no operation begin, and a running one stand still after its step; off lets it go on';
  const command = withShared(program.command('freeze <on|off> [service]').description(what))
    .option('--all', ALL)
    .option('--reason <text>', 'why; needed for on');
  withExamples(command, 'oneup freeze on --all --reason "network change tonight"', 'oneup freeze off web').action(
    (onOff: string, service: string | undefined, options: HoldOptions) => {
      const on = isOn(onOff, 'freeze');
      if (on && options.reason === undefined) usage('Cannot freeze: --reason is missing', SAY_WHY);
      return send(service, options, { kind: 'freeze', on, reason: options.reason ?? 'the freeze ends' });
    },
  );
}

function addGate(program: Command, send: Send): void {
  const what = 'Open or close a gate of the service; while one is closed no move of it begins';
  const command = withShared(program.command('gate <open|close> <service> <gate>').description(what)).requiredOption(
    '--reason <text>',
    'why',
  );
  withExamples(command, 'oneup gate close web batch-window --reason "month end"').action(
    (verb: string, service: string, gate: string, options: AllOptions & { readonly reason: string }) => {
      if (verb !== 'open' && verb !== 'close') usage(`Cannot read gate: expected open or close, value was ${verb}`);
      return send(service, options, { kind: 'gate', gate, open: verb === 'open', reason: options.reason });
    },
  );
}

function addNotes(program: Command, send: Send): void {
  const ack = 'Take note of the open alerts: they fall silent until something new happens, and the cooldown ends';
  const noted = withShared(program.command('ack [service]').description(ack))
    .option('--all', ALL)
    .option('--reason <text>', 'why', 'noted on the command line');
  withExamples(noted, 'oneup ack web --reason "on it"').action(
    (service: string | undefined, options: AllOptions & { readonly reason: string }) =>
      send(service, options, { kind: 'ack', reason: options.reason }),
  );
  const clear = 'Forget the failures that count against a node, so that it may be chosen again';
  const cleared = withShared(program.command('clear-failures <service>').description(clear))
    .option('--node <node>', 'only this node (default: every node)')
    .option('--reason <text>', 'why', 'cleared on the command line');
  withExamples(cleared, 'oneup clear-failures web --node b').action(
    (service: string, options: AllOptions & { node?: string; reason: string }) =>
      send(service, options, { kind: 'clearFailures', node: options.node ?? null, reason: options.reason }),
  );
}

function isOn(word: string, command: string): boolean {
  if (word !== 'on' && word !== 'off') usage(`Cannot read ${command}: expected on or off, value was ${word}`);
  return word === 'on';
}

const SAY_WHY = 'Say why, for whoever finds it so: --reason "new fan, until 04:00"';

function usage(message: string, remedy?: string): never {
  throw new OneupError('ONEUP_USAGE', message, remedy === undefined ? {} : { remedy });
}
