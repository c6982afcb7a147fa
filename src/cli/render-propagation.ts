// The propagation report for people: each server and resolver, what it answers, what is left of its TTL, and how long it took.
import { formatDuration } from '../base/duration.ts';
import type { PropagationReport, ResolverReport, ServerReport } from '../failover/propagation-report.ts';
import { describeLook } from '../plan/judge-propagation.ts';
import { table } from './console.ts';

const SAID = {
  insync: 'the provider confirms the change',
  pending: 'the provider still spreads it',
  unknown: 'the provider could not be asked',
} as const;

export function renderPropagation(report: PropagationReport): string {
  const { name, type, values, provider, servers, resolvers, laggards } = report;
  const written = values.length === 0 ? 'an alias' : values.join(' ');
  const rows = [...servers.map(serverRow), ...resolvers.map(resolverRow)];
  return [
    `${name} ${type}: ${written} was written`,
    ...(provider === null ? [] : [`  ${SAID[provider]}`]),
    ...(rows.length === 0 ? [] : [table(rows)]),
    laggards.length === 0 ? '  nobody gives another answer' : `  late: ${laggards.join('; ')}`,
  ].join('\n');
}

function serverRow({ server, at, udp, tcp, serial, newAfterMs }: ServerReport): string[] {
  const ways =
    describeLook(udp) === describeLook(tcp) ? describeLook(udp) : `UDP ${describeLook(udp)}, TCP ${describeLook(tcp)}`;
  const name = server === at ? at : `${server} ${at}`;
  return [
    `  server ${name}`,
    udp.kind,
    ways,
    serial === null ? 'no serial' : `serial ${serial}`,
    sinceText(newAfterMs),
  ];
}

function resolverRow({ at, look, newAfterMs }: ResolverReport): string[] {
  return [`  resolver ${at}`, look.kind, describeLook(look), '', sinceText(newAfterMs)];
}

function sinceText(newAfterMs: number | null): string {
  return newAfterMs === null ? '' : `after ${formatDuration(newAfterMs)}`;
}
