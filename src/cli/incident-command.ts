// `oneup incident`: what is known of a node that failed, and what to do next.
import type { Command } from 'commander';
import { formatDuration } from '../base/duration.ts';
import type { Incident } from '../controller/read-incident.ts';
import { type CommandContext, clientFor, print, type SharedOptions } from './command-context.ts';
import { table } from './console.ts';
import { renderVote } from './render-vote.ts';
import { withExamples, withShared } from './shared-options.ts';

type Options = SharedOptions & { readonly node?: string };

export function addIncident(program: Command, context: CommandContext): void {
  const what =
    'What is known of a node that failed: votes, what its scripts printed, how far its repair is, what to do';
  const command = withShared(program.command('incident <service>').description(what)).option(
    '--node <node>',
    'this node (default: a list of all)',
  );
  withExamples(command, 'oneup incident web --node a').action(async (service: string, options: Options) => {
    const path = `/v1/services/${encodeURIComponent(service)}/incidents`;
    const client = clientFor(options);
    if (options.node === undefined) {
      const all = await client.get<readonly Incident[]>(path);
      print(context, options, { json: all, text: renderList(service, all) });
      return;
    }
    const found = await client.get<Incident | null>(`${path}/${encodeURIComponent(options.node)}`);
    const text = found === null ? `Node ${options.node} of ${service} has no incident` : renderIncident(found);
    print(context, options, { json: found, text });
  });
}

function renderList(service: string, incidents: readonly Incident[]): string {
  if (incidents.length === 0) return `No node of ${service} has an incident`;
  return table(
    incidents.map(({ node, stage, opId, operation, why }) => [
      node,
      stage,
      operation === null ? '' : new Date(operation.startedWallMs).toISOString(),
      opId,
      why,
    ]),
  );
}

function renderIncident(incident: Incident): string {
  const { service, node, stage, why, opId, operation } = incident;
  const lines = [`Node ${node} of ${service}: ${stage}`, `  because: ${why}`];
  if (operation !== null) {
    const { title, startedWallMs, outcome } = operation;
    const at = new Date(startedWallMs).toISOString();
    lines.push(`  since ${opId}: ${title}, ${outcome}, at ${at}`);
  } else lines.push(`  since ${opId}, of which nothing is kept any more`);
  lines.push(`  root cause: ${incident.rootCause ?? 'not noted'}`);
  if (incident.repairedBy !== null) lines.push(`  repaired by ${incident.repairedBy}`);
  if (incident.rejoinedIn !== null) lines.push(`  back by ${incident.rejoinedIn.opId}, ${renderDuration(incident)}`);
  if (incident.failures > 0) lines.push(`  failures that count: ${incident.failures}`);
  lines.push(`  next: ${incident.next}`);
  if (incident.votes.length > 0) lines.push('', 'Votes', ...incident.votes.map((vote) => `  ${renderVote(vote)}`));
  for (const { what, output } of incident.outputs)
    lines.push(
      '',
      what,
      ...output
        .trimEnd()
        .split('\n')
        .map((line) => `  | ${line}`),
    );
  if (incident.journal.length > 0) lines.push('', 'Journal', table(journalRows(incident)));
  return lines.join('\n');
}

function renderDuration({ operation, rejoinedIn }: Incident): string {
  if (operation === null || rejoinedIn === null) return 'at an unknown time';
  return `${formatDuration(Math.max(0, rejoinedIn.endedWallMs - operation.startedWallMs))} after it failed`;
}

function journalRows({ journal }: Incident): readonly (readonly string[])[] {
  return journal.map(({ wallMs, phase, kind, text }) => [
    `  ${new Date(wallMs).toISOString().slice(11, 23)}`,
    phase,
    kind,
    text,
  ]);
}
