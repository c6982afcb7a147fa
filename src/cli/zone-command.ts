// `oneup zone propagation SERVICE`: what the world answers for the name of a service now; it asks, and changes nothing. `oneup zone
// repair SERVICE`: what somebody else changed in its record, and the write that puts it right.
import type { Command } from 'commander';
import { OneupError } from '../base/oneup-error.ts';
import type { RecordReport } from '../controller/read-record.ts';
import type { CommandReply } from '../failover/machine-command.ts';
import type { HistoryEntry } from '../failover/machine-effect.ts';
import type { PropagationReport } from '../failover/propagation-report.ts';
import type { ApiClient } from './api-client.ts';
import { type CommandContext, clientFor, print } from './command-context.ts';
import { renderPropagation } from './render-propagation.ts';
import { renderRepair } from './render-record.ts';
import { exchangeCommand, type Finish, type ReasonOption } from './send-command.ts';
import { withExamples, withShared } from './shared-options.ts';

type ZoneOptions = ReasonOption & { readonly dryRun?: boolean };

/** A write takes ten seconds at most, and a first pause; after that it goes on without anybody who looks. */
const REPAIR_PATIENCE_MS = 30_000;
const LOOK_MS = 250;

export function addZoneCommand(program: Command, context: CommandContext, finish: Finish): void {
  const what =
    'propagation: what every authoritative server and every resolver of dns.resolvers answers for a service now, by UDP and TCP; changes nothing. repair: shows what somebody else changed in its record, and writes it again as it was';
  const command = withShared(program.command('zone <verb> <service>').description(what))
    .option('--dry-run', 'repair: shows the difference and writes nothing')
    .option('--reason <text>', 'repair: why, for the history', 'asked for on the command line')
    .option('--no-wait', 'repair: return as soon as it is accepted');
  withExamples(
    command,
    'oneup zone propagation web',
    'oneup zone repair web --dry-run',
    'oneup zone repair web --reason "a typo in the console"',
  ).action(async (verb: string, service: string, options: ZoneOptions) => {
    if (verb === 'propagation') await showPropagation(context, service, options);
    else if (verb === 'repair') finish(await repair(context, service, options));
    else throw new OneupError('ONEUP_USAGE', `Cannot read zone: expected propagation or repair, value was ${verb}`);
  });
}

async function showPropagation(context: CommandContext, service: string, options: ZoneOptions): Promise<void> {
  const { report } = await clientFor(options).get<{ readonly report: PropagationReport | null }>(
    `${pathOf(service)}/propagation`,
  );
  const text = report === null ? 'Nothing has been written for it yet' : renderPropagation(report);
  print(context, options, { json: report, text });
}

/** Exit code: 0 as it was written, 7 refused by a rule, 8 not written, 9 not yet. */
async function repair(context: CommandContext, service: string, options: ZoneOptions): Promise<number> {
  const client = clientFor(options);
  const report = await client.get<RecordReport>(`${pathOf(service)}/record?repair=true`);
  const { second } = report;
  // One at a time: the record at the second provider is next, when the first one is right.
  const isSecond = report.repairable === null && second !== null && second.repairable !== null;
  const { repairable } = isSecond ? second : report;
  const problem = report.problem ?? second?.problem ?? null;
  const found = renderRepair(report);
  if (options.dryRun === true || repairable === null) {
    print(context, options, { json: { report }, text: found });
    return problem === null ? 0 : 7;
  }
  if (options.json !== true) context.console.err(`${found}\n`);
  const at = isSecond ? { isSecond } : {};
  const command = { kind: 'repairRecord', shown: repairable, reason: options.reason, ...at } as const;
  const sent = await exchangeCommand(context, { service, options: { ...options, wait: false }, command, client });
  const reply = sent.json as CommandReply;
  const isAccepted = reply.kind === 'accepted' && reply.opId !== null;
  const ended = isAccepted && options.wait ? await untilEnded(context, client, { service, opId: reply.opId }) : null;
  const isLate = isAccepted && options.wait && ended === null;
  const text = ended?.summary ?? (isLate ? `not written yet: oneup why ${service} says what it waits for` : sent.text);
  print(context, options, { json: { report, reply, ended }, text });
  if (ended !== null) return ended.outcome === 'done' ? 0 : 8;
  return isLate ? 9 : sent.exitCode;
}

async function untilEnded(
  { clock, signal }: CommandContext,
  client: ApiClient,
  { service, opId }: { readonly service: string; readonly opId: string },
): Promise<HistoryEntry | null> {
  const untilMonoMs = clock.monotonicMs() + REPAIR_PATIENCE_MS;
  while (clock.monotonicMs() < untilMonoMs) {
    const history = await client.get<readonly HistoryEntry[]>(`${pathOf(service)}/history`);
    const ended = history.find(({ op }) => op.opId === opId);
    if (ended !== undefined) return ended;
    await clock.sleep(LOOK_MS, { signal });
  }
  return null;
}

function pathOf(service: string): string {
  return `/v1/services/${encodeURIComponent(service)}`;
}
