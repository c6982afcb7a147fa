// The timeline at the end of the demo: every phase of every operation with its duration, and what DNS answered at its end.
import { renderPropagation } from '../../src/cli/render-propagation.ts';
import { renderVote } from '../../src/cli/render-vote.ts';
import type { PhaseTime } from '../../src/failover/operation.ts';
import type { PropagationReport } from '../../src/failover/propagation-report.ts';
import type { VoteEvidence } from '../../src/failover/view.ts';
import type { DnsWatch } from './dns-watch.ts';
import type { Chapter } from './story.ts';
import { showMs, type Terminal } from './terminal.ts';

export function showTimeline(terminal: Terminal, watch: DnsWatch, chapters: readonly Chapter[]): void {
  terminal.heading('Timeline');
  for (const chapter of chapters) {
    const { from, to, outcome } = chapter.operation;
    terminal.line();
    terminal.line(`${terminal.strong(chapter.title)}: ${from ?? 'none'} -> ${to ?? 'none'}, ${outcome}`);
    const head = ['phase', 'took', 'ended at', 'DNS said', 'how it ended'].map(terminal.faint);
    terminal.rows([head, ...chapterRows(chapter, watch)]);
  }
}

function chapterRows({ operation, killedWallMs, address }: Chapter, watch: DnsWatch): readonly (readonly string[])[] {
  const { startedWallMs, phases } = operation;
  const since = killedWallMs ?? startedWallMs;
  const row = (name: string, took: string, atWallMs: number, text: string) => ({
    atWallMs,
    cells: [name, took, `+${showMs(atWallMs - since)}`, watch.answerAt(atWallMs), text],
  });
  const rows = endTimes(phases, startedWallMs).map(({ phase, durationMs, summary, endWallMs }) =>
    row(phase, showMs(durationMs), endWallMs, summary),
  );
  if (killedWallMs !== null) {
    const noticed = 'failing checks of a quorum, rechecks included';
    rows.unshift(row('detection', showMs(startedWallMs - killedWallMs), startedWallMs, noticed));
  }
  const reachedWallMs = watch.reachedAll(address, since);
  if (reachedWallMs !== null) rows.push(row('DNS query', '-', reachedWallMs, 'every name server gives the new answer'));
  return rows.sort((one, other) => one.atWallMs - other.atWallMs).map(({ cells }) => cells);
}

function endTimes(phases: readonly PhaseTime[], startedWallMs: number): readonly (PhaseTime & { endWallMs: number })[] {
  let endWallMs = startedWallMs;
  return phases.map((time) => {
    endWallMs += time.durationMs;
    return { ...time, endWallMs };
  });
}

/** What `oneup why` knows about the failover, in short. */
export function showWhy(terminal: Terminal, { operation }: Chapter): void {
  terminal.heading('Why did it fail over?');
  terminal.command('oneup why web');
  const votes = operation.votes as readonly VoteEvidence[];
  terminal.rows([
    ['because', operation.reason],
    ...votes.map((vote) => ['vote', `${vote.vantage}: ${renderVote(vote)}`]),
    ['rules', operation.rules.join(', ')],
    ['phases', operation.phases.map(({ phase, durationMs }) => `${phase} ${showMs(durationMs)}`).join(', ')],
    ['evidence', `${operation.journal.length} journal entries, each INTENT with its RESULT`],
  ]);
}

/** Each server and resolver with its answer, the rest of its TTL, and the time until it gave the new answer. */
export function showPropagation(terminal: Terminal, chapters: readonly Chapter[]): void {
  const told = chapters.flatMap(({ title, operation }) => {
    const entry = operation.journal.findLast(({ evidence }) => evidence.report !== undefined);
    return entry === undefined ? [] : [{ title, report: entry.evidence.report as PropagationReport }];
  });
  if (told.length === 0) return;
  terminal.heading('What the world answered');
  for (const { title, report } of told) {
    terminal.line();
    terminal.line(terminal.strong(title));
    for (const line of renderPropagation(report).split('\n')) terminal.line(line);
  }
}
