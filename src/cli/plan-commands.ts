// `oneup plan` and `oneup simulate`: what a failover would do, from the records of now or from those that were saved.
import { constants } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { OneupError } from '../base/oneup-error.ts';
import type { Plan } from '../controller/read-plan.ts';
import type { PlanSnapshot } from '../controller/read-plan-snapshot.ts';
import type { RecordReport } from '../controller/read-record.ts';
import { type CommandContext, clientFor, print, type SharedOptions } from './command-context.ts';
import { renderPlan } from './render-plan.ts';
import { renderRecordOfPlan } from './render-record.ts';
import { withExamples, withShared } from './shared-options.ts';

type PlanOptions = SharedOptions & { readonly save?: string; readonly snapshot?: string };

export function addPlanCommands(program: Command, context: CommandContext): void {
  const plan = withShared(
    program
      .command('plan <service>')
      .description('What a failover would do now, and how long it takes; changes nothing'),
  )
    .option('--save <file>', 'also keep what the plan is computed from, for oneup simulate; never overwrites')
    .option('--snapshot <file>', 'compute it from such a file, without any prober');
  withExamples(plan, 'oneup plan web', 'oneup plan web --save before-the-move.json').action(
    async (service: string, options: PlanOptions) => {
      if (options.snapshot === undefined) await showPlan(context, service, options);
      else if (options.save === undefined) await simulate(context, options.snapshot, service, options);
      else throw new OneupError('ONEUP_USAGE', 'Cannot plan: --save and --snapshot exclude each other');
    },
  );
  const simulation = withShared(
    program
      .command('simulate [service]')
      .description('The plan from a saved file alone: no prober and no store is asked'),
  ).requiredOption('--snapshot <file>', 'file of oneup plan --save');
  withExamples(simulation, 'oneup simulate --snapshot before-the-move.json').action(
    (service: string | undefined, options: SharedOptions & { snapshot: string }) =>
      simulate(context, options.snapshot, service, options),
  );
}

/** Asks a prober; always exit code 0, because a plan refuses nothing. */
export async function showPlan(context: CommandContext, service: string, options: PlanOptions): Promise<number> {
  const client = clientFor(options);
  const nowWallMs = context.clock.wallMs();
  const path = `/v1/services/${encodeURIComponent(service)}`;
  if (options.save === undefined) {
    const plan = await client.get<Plan>(`${path}/plan`);
    const to = plan.to === null ? '' : `?to=${encodeURIComponent(plan.to)}`;
    const record = await client.get<RecordReport>(`${path}/record${to}`).catch(asUnknown);
    show(context, options, plan, { nowWallMs, record });
    return 0;
  }
  const snapshot = await client.get<PlanSnapshot>(`${path}/plan-snapshot`);
  await save(options.save, `${JSON.stringify(snapshot, null, 2)}\n`);
  const { planOf } = await import('../controller/read-plan.ts');
  show(context, options, planOf(snapshot), { nowWallMs, note: `Saved in ${options.save}` });
  return 0;
}

/** A provider that cannot be asked keeps nobody from the rest of the plan. */
type Unknown = { readonly problem: { readonly code: string; readonly reason: string } };
type Shown = { readonly nowWallMs: number; readonly note?: string; readonly record?: RecordReport | Unknown };

function asUnknown(error: unknown): Unknown {
  if (!(error instanceof OneupError)) throw error;
  return { problem: { code: error.code, reason: error.message } };
}

function show(context: CommandContext, options: SharedOptions, plan: Plan, { nowWallMs, note, record }: Shown): void {
  const known = record !== undefined && 'name' in record ? record : null;
  const parts = [renderPlan(plan, nowWallMs, known)];
  if (record !== undefined) {
    const lines = 'name' in record ? renderRecordOfPlan(plan.service, record) : [`  ${record.problem.reason}`];
    parts.push(['Record', ...lines].join('\n'));
  }
  if (note !== undefined) parts.push(note);
  print(context, options, { json: record === undefined ? plan : { ...plan, record }, text: parts.join('\n\n') });
}

async function simulate(
  context: CommandContext,
  file: string,
  service: string | undefined,
  options: SharedOptions,
): Promise<void> {
  const { parsePlanSnapshot } = await import('../controller/read-plan-snapshot.ts');
  const snapshot = parsePlanSnapshot(await read(file), file);
  if (service !== undefined && service !== snapshot.service) {
    throw new OneupError(
      'ONEUP_USAGE',
      `Cannot simulate ${service}: ${file} holds service ${snapshot.service} of cluster ${snapshot.cluster}`,
      { remedy: 'Name that service, or leave the name out' },
    );
  }
  const { planOf } = await import('../controller/read-plan.ts');
  const note = `From ${file}, saved at ${snapshot.savedAt}`;
  show(context, options, planOf(snapshot), { nowWallMs: Date.parse(snapshot.savedAt), note });
}

/** Readable for its owner only, because it shows addresses and reasons. */
async function save(file: string, text: string): Promise<void> {
  try {
    await using handle = await open(file, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600);
    await handle.writeFile(text);
  } catch (cause) {
    throw new OneupError('ONEUP_USAGE', `Cannot save the plan in ${file}: ${reasonOf(cause)}`, {
      cause,
      remedy: 'Name a file that does not exist yet, in a directory that you may write to',
    });
  }
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new OneupError('ONEUP_USAGE', `Cannot read snapshot ${file}: ${reasonOf(cause)}`, {
      cause,
      remedy: 'Save one with oneup plan SERVICE --save FILE',
    });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return 'the file exists already';
  return error instanceof Error ? error.message : String(error);
}
