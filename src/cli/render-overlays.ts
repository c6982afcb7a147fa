// What lies over a service, for people: modes, brakes, plans for later and open alerts, one line each with what to do about it.

import { formatDuration } from '../base/duration.ts';
import type { AgentStatus } from '../controller/read-agent.ts';
import type { NodeStatusReport, NodeSweepReport, ServiceStatus } from '../controller/read-model.ts';
import type { MaintenanceStatus } from '../controller/read-overlays.ts';
import type { Refusal } from '../failover/refusal.ts';

export function renderOverlays(status: ServiceStatus, nowWallMs: number): readonly string[] {
  const { service, maintenance, frozen, closedGates, cooldown } = status;
  const lines: string[] = [];
  if (maintenance !== null)
    lines.push(`in maintenance ${renderMaintenance(maintenance)}; end it with oneup maintenance off ${service}`);
  if (frozen !== null)
    lines.push(
      `frozen by ${frozen.actor} since ${iso(frozen.sinceWallMs)}: ${frozen.reason}; release it with oneup freeze off ${service}`,
    );
  for (const [gate, { actor, reason }] of Object.entries(closedGates))
    lines.push(
      `gate ${gate} closed by ${actor}: ${reason}; open it with oneup gate open ${service} ${gate} --reason "..."`,
    );
  if (cooldown !== null)
    lines.push(
      `cooldown after ${cooldown.opId}, at most ${formatDuration(cooldown.leftAtMostMs)} left; oneup ack ${service} ends it`,
    );
  return [...lines, ...renderBrakes(status), ...renderPlans(status, nowWallMs), ...renderAlerts(status)];
}

/** Shown once they have begun to be used up. */
function renderBrakes({ budget, restarts }: ServiceStatus): readonly string[] {
  const lines: string[] = [];
  if (budget.used > 0 && budget.used * 2 >= budget.count)
    lines.push(`${budget.used} of ${budget.count} automatic operations in ${formatDuration(budget.perMs)} are used`);
  if (restarts.used > 0) lines.push(`${restarts.used} of ${restarts.attempts} restarts in place are used`);
  return lines;
}

function renderPlans({ service, scheduled, drill }: ServiceStatus, nowWallMs: number): readonly string[] {
  const lines: string[] = [];
  if (scheduled !== null) {
    const { from, to, atWallMs, actor, reason } = scheduled;
    const inTime = formatDuration(Math.max(0, atWallMs - nowWallMs));
    const way = `${from === null ? '' : `from ${from} `}to ${to ?? 'the best candidate'}`;
    lines.push(
      `switchover ${way} scheduled by ${actor} for ${iso(atWallMs)} (in ${inTime}): ${reason}; oneup switchover ${service} --cancel forgets it`,
    );
  }
  if (drill !== null)
    lines.push(
      `a live drill by ${drill.actor} comes back from ${drill.from} to ${drill.to} after ${formatDuration(drill.holdMs)} of quiet`,
    );
  return lines;
}

/** What holds the service or an operation of it is told above; its alert then says only since when it is known. */
function renderAlerts({
  service,
  alerts,
  refusal: held,
  dnsProblem,
  second,
  operation,
  tail,
}: ServiceStatus): readonly string[] {
  const open = alerts.some(({ ackedBy }) => ackedBy === null);
  const above = [held, dnsProblem, second?.dnsProblem, operation?.blocked, tail?.blocked].filter(
    (refusal) => refusal != null,
  );
  const lines = alerts.map(({ level, refusal, count, ackedBy, sinceWallMs }) => {
    const by = ackedBy === null ? `told ${count} times` : `acknowledged by ${ackedBy}`;
    const what = isAmong(above, refusal) ? '' : `: ${refusal.reason}`;
    return `alert ${level} ${refusal.rule}${what} (since ${iso(sinceWallMs)}, ${by})`;
  });
  return open ? [...lines, `silence ${alerts.length === 1 ? 'it' : 'them'}: oneup ack ${service}`] : lines;
}

export function isAmong(refusals: readonly Refusal[], { rule, reason }: Refusal): boolean {
  return refusals.some((known) => known.rule === rule && known.reason === reason);
}

/** Everything that sets a node apart, in one cell. */
export function renderNodeNotes(
  { drained, failed, incident, failures, maintenance, agent, status, standby }: NodeStatusReport,
  nowWallMs: number,
): string {
  const notes: string[] = [];
  if (agent !== null) notes.push(renderAgent(agent));
  if (standby !== null) notes.push(STANDBY_WORDS[standby.quorum]);
  if (status !== null) notes.push(renderSwept(status, nowWallMs));
  if (failed !== null) {
    const by = incident?.actor == null ? '' : ` by ${incident.actor}`;
    notes.push(`${incident?.stage ?? 'failed'}${by}: ${failed}`);
  }
  if (maintenance !== null) notes.push(`maintenance ${renderMaintenance(maintenance)}`);
  if (drained !== null) notes.push(`drained by ${drained.actor}: ${drained.reason}`);
  if (failures.count > 0) notes.push(`${failures.count} of ${failures.threshold} failures`);
  return notes.join('; ');
}

const STANDBY_WORDS = {
  healthy: 'a healthy standby',
  unhealthy: 'NOT USABLE as a standby',
  undecided: 'the probers do not agree on it as a standby',
} as const;

/** Until it changes a node says the same in every round, so this is how long it has said so. */
function renderSwept({ role, sinceWallMs, unanswered, fault, everyMs }: NodeSweepReport, nowWallMs: number): string {
  const ageMs = Math.max(0, nowWallMs - sinceWallMs);
  const says = role === null ? 'status never heard' : `status ${role} for ${formatDuration(ageMs)}`;
  if (fault === null) return `${says}, asked every ${formatDuration(everyMs)}`;
  return `${role === null ? says : `last ${says}`}, UNANSWERED ${unanswered} times: ${fault}`;
}

function renderAgent({ name, isConnected, role, enforced, exited, unfit }: AgentStatus): string {
  if (!isConnected) return `agent ${name}: NOT CONNECTED`;
  const lease = enforced === 'none' ? 'NOT ENFORCED' : `enforced by ${enforced}`;
  const fault = unfit === null ? '' : `, CANNOT START: ${unfit.reason}; ${unfit.remedy}`;
  return `agent ${name}: ${role}, ${lease}${exited === null ? '' : `, ${exited}`}${fault}`;
}

function renderMaintenance({ actor, reason, sinceWallMs, expiresAfterMs, isExpired }: MaintenanceStatus): string {
  const until = iso(sinceWallMs + expiresAfterMs);
  return `by ${actor}: ${reason} (${isExpired ? `EXPIRED at ${until}` : `until ${until}`})`;
}

function iso(wallMs: number): string {
  return new Date(wallMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
