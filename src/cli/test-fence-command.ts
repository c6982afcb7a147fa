// `oneup test-fence`: does the fence device of a node answer, and does it tell the truth? It asks; with --fire the controller fires the
// ladder of a standby as an operation, and with --dry-run it says what that would run.
import { type Command, InvalidArgumentError } from 'commander';
import type { FenceAnswer, FenceReport } from '../api/test-fence.ts';
import { formatDuration } from '../base/duration.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { FencePlan } from '../controller/read-fence-plan.ts';
import { type CommandContext, clientFor, print } from './command-context.ts';
import { table } from './console.ts';
import { renderFired } from './render-fence-test.ts';
import { renderRefusal } from './render-refusal.ts';
import { type Finish, type ReasonOption, sendCommand } from './send-command.ts';
import { withExamples, withShared } from './shared-options.ts';

type Options = ReasonOption & {
  readonly node: string;
  readonly level?: number;
  readonly fire?: boolean;
  readonly dryRun?: boolean;
  readonly statusOnly?: boolean;
};

export function addTestFence(program: Command, context: CommandContext, finish: Finish): void {
  const what =
    'Ask the confirm query of each fence level of a node, from the prober that is asked; with --fire, fire the levels of a standby';
  const command = withShared(program.command('test-fence <service>').description(what))
    .requiredOption('--node <node>', 'whose fence levels')
    .option('--level <number>', 'only this level, counted from 1', readLevel)
    .option('--status-only', 'ask and fire nothing, as it does without --fire')
    .option(
      '--dry-run',
      'say what --fire would run, and whether it would be refused; nothing is asked and nothing is fired',
    )
    .option('--fire', 'fire every level, one after the other; only at a standby, which then needs oneup rejoin')
    .option('--reason <text>', 'with --fire: why, for the journal', 'a test of the fence')
    .option('--no-wait', 'with --fire: return as soon as the operation has begun');
  withExamples(
    command,
    'oneup test-fence web --node b',
    'oneup test-fence web --node b --level 2 --json',
    'oneup test-fence web --node b --dry-run',
    'oneup test-fence web --node b --fire --reason "new power switch"',
  ).action(async (service: string, options: Options) => finish(await testFence(context, service, options)));
}

async function testFence(context: CommandContext, service: string, options: Options): Promise<number> {
  const { fire = false, dryRun = false, statusOnly = false } = options;
  if (statusOnly && (fire || dryRun)) {
    throw new OneupError('ONEUP_USAGE', 'Cannot test the fence: --status-only goes with neither --fire nor --dry-run', {
      remedy: 'Name one of them',
    });
  }
  if (dryRun) return await showPlan(context, service, options);
  return await (fire ? fireLevels(context, service, options) : askLevels(context, service, options));
}

/** Exit code: 0 when every level answered and none was contradicted, else 8. */
async function askLevels(context: CommandContext, service: string, options: Options): Promise<number> {
  const report = await clientFor(options).post<FenceReport>(pathOf(service), wantedOf(options));
  print(context, options, { json: report, text: render(report) });
  const isGood = report.contradicted.length === 0 && report.levels.every(({ state }) => state !== 'unknown');
  return isGood ? 0 : 8;
}

/** Exit code: 0 when it would be fired, 7 when it would be refused. */
async function showPlan(context: CommandContext, service: string, options: Options): Promise<number> {
  const plan = await clientFor(options).post<FencePlan>(pathOf(service), { ...wantedOf(options), dryRun: true });
  print(context, options, { json: plan, text: renderPlan(plan) });
  return plan.refusal === null ? 0 : 7;
}

/** Exit code: 0 when every level that was fired proved the node down, 7 refused, 8 when one did not, 9 held. */
async function fireLevels(context: CommandContext, service: string, options: Options): Promise<number> {
  const { node, level, reason } = options;
  const command = { kind: 'fenceTest', node, level: level === undefined ? null : level - 1, reason } as const;
  const sending = { service, options, command, client: clientFor(options), render: renderFired, showsJournal: true };
  return await sendCommand(context, sending);
}

function pathOf(service: string): string {
  return `/v1/services/${encodeURIComponent(service)}/test-fence`;
}

function wantedOf({ node, level }: Options) {
  return { node, level: level ?? null };
}

function renderPlan({ service, node, levels, refusal }: FencePlan): string {
  const head = `Firing the fence of ${service}/${node} would run, one after the other (nothing was asked or fired):`;
  const lines = levels.flatMap(({ level, driver, fires, timeoutMs, confirm }) => [
    `  level ${level} (${driver}, at most ${formatDuration(timeoutMs)}): ${fires}`,
    confirm === null
      ? '    its exit code 0 is the proof (confirmedByExit)'
      : `    then asks ${confirm.asks}; off: ${confirm.offStates.join(', ')}`,
  ]);
  const last =
    refusal === null
      ? `Afterwards ${node} counts as fenced until oneup rejoin ${service} --node ${node}.`
      : `It would not be fired. ${renderRefusal(refusal)}`;
  return [head, ...lines, last].join('\n');
}

const STATE_WORDS: Readonly<Record<FenceAnswer['state'], string>> = {
  off: 'off',
  notOff: 'not off',
  unknown: 'unknown',
};

function render({ service, node, prober, levels, answering, contradicted }: FenceReport): string {
  const rows = levels.map(({ level, driver, state, reason, durationMs }) => [
    `  ${level}`,
    driver,
    STATE_WORDS[state],
    `${Math.round(durationMs)} ms`,
    reason,
  ]);
  const head = `Fence levels of ${service}/${node}, asked by prober ${prober}; nothing was fired`;
  const lines = [head, table([['  level', 'driver', 'state', 'took', 'reason'], ...rows])];
  if (contradicted.length > 0) {
    const what = `level ${contradicted.join(' and ')} would prove the node down, but it answers as active`;
    const remedy = 'if it still does in a minute, correct confirm or offStates (S18)';
    lines.push(`WRONG: ${what} to ${answering.join(', ')}; ${remedy}`);
  }
  return lines.join('\n');
}

const LEVELS_MAX = 8;

function readLevel(text: string): number {
  const level = Number(text);
  if (Number.isInteger(level) && level >= 1 && level <= LEVELS_MAX) return level;
  throw new InvalidArgumentError(`expected a number from 1 to ${LEVELS_MAX}.`);
}
