// Conditions that a person must know of, derived from the state alone: told when they begin, again and again until somebody
// acknowledges them, and once more when they are over. They are records, so the next controller goes on telling (S34, AS-05).
import { setConditions } from './active-active/conditions.ts';
import { conflictRefusal } from './conflict.ts';
import { maintenanceExpired } from './maintenance-expiry.ts';
import type { Phase } from './operation.ts';
import { preparesOnly } from './operation-kinds.ts';
import type { Refusal } from './refusal.ts';
import { secondRecord } from './second-record.ts';
import type { MachineState, OpenAlert } from './service-state.ts';
import { isWorkedOn, STANDBY_UNHEALTHY, unhealthyStandbys } from './standby-health.ts';
import { unansweredNodes } from './sweep.ts';
import { patchLocal, patchService, type Transition } from './transition.ts';

/** Open conditions kept at once; each kind has one at most for each operation, so more cannot come about. */
const ALERTS_MAX = 16;
const MISSING_PROOF = ['S17.', 'S20.'] as const;
const PROVING: readonly Phase[] = ['STOP_OLD', 'FENCE', 'CONFIRM_DOWN'];

type Condition = {
  readonly id: string;
  readonly level: OpenAlert['level'];
  readonly refusal: Refusal;
  /** What the reason is about, before it in the subject. */
  readonly about: string;
};

/** Everything that is wrong now, most pressing first. */
function conditions(state: MachineState, now: Transition['now']): readonly Condition[] {
  const { op, tail, service } = state;
  const found: Condition[] = [];
  const add = (scope: string, refusal: Refusal | null | undefined, more: Partial<Condition> = {}) => {
    if (refusal) found.push({ id: `${scope}:${refusal.rule}`, level: 'critical', refusal, about: '', ...more });
  };
  add(op?.opId ?? '', op?.blocked);
  const isSet = state.rules.activeActive !== undefined;
  for (const { about, level, refusal } of isSet ? setConditions(state) : []) add(about, refusal, { level });
  // An operation that may cure it is no reason to fall silent, and none to tell it twice.
  if (!isSet && (op === null || op.kind === 'conflict' || preparesOnly(op))) {
    add('service', conflictRefusal(state));
    add('service', exhausted(state) ?? unassigned(state));
    add('service', confirmedButAnswers(state));
    add('service', service.refusal, { about: notFailedOver(state) });
  }
  add('service', service.dnsProblem);
  add('second', secondRecord(state)?.dnsProblem);
  // What keeps the tail waiting is the problem with DNS, or a mode.
  if (tail?.blocked?.rule !== service.dnsProblem?.rule) add('service', tail?.blocked);
  const warning = { level: 'warning' } as const;
  add('service', maintenanceExpired(state, null, now), warning);
  for (const node of Object.keys(service.nodeMaintenance)) add(node, maintenanceExpired(state, node, now), warning);
  add('service', laggards(state), warning);
  for (const { node, refusal } of unhealthyStandbys(state)) add(node, refusal, warning);
  for (const { node, refusal } of unansweredNodes(state)) add(node, refusal, warning);
  const ids = new Set<string>();
  return found.filter(({ id }) => !ids.has(id) && ids.add(id)).slice(0, ALERTS_MAX);
}

/** Somebody who is woken must read first that the service is down. */
function notFailedOver({ service, local }: MachineState): string {
  const { active } = service;
  const isDown = active !== null && local.view.nodes[active]?.down.kind === 'agreed';
  return isDown ? `${active} is down and not failed over: ` : '';
}

/** All nodes down: nothing that oneup may start is left (E4). */
export function exhausted(state: MachineState): Refusal | null {
  const { active, failed } = state.service;
  const names = Object.keys(failed);
  if (active !== null || names.length === 0) return null;
  return {
    rule: 'exhausted.no-node',
    reason: `no node is active, and ${names.join(', ')} failed`,
    remedy: `Repair one, then run oneup rejoin ${state.rules.id} --node ${names[0]}`,
  };
}

/** Nothing failed and nothing runs: somebody left it so, or forgot to say what comes next (I15). */
function unassigned({ service, rules }: MachineState): Refusal | null {
  if (service.active !== null || service.epoch === 0 || service.maintenance !== null) return null;
  return {
    rule: 'service.unassigned',
    reason: 'no node is active and nothing starts one',
    remedy: `Start one with oneup switchover ${rules.id}, or take one over with oneup adopt ${rules.id} --node NODE`,
  };
}

/** A person's word was wrong: its grant is revoked, and yet it serves. */
function confirmedButAnswers({ service, grant, local, rules }: MachineState): Refusal | null {
  const { active } = service;
  const answers = active !== null && (local.view.nodes[active]?.answering.length ?? 0) > 0;
  if (!answers || grant?.node !== active || !grant.revoked) return null;
  return {
    rule: 'S17.confirmed-but-answers',
    reason: `node ${active} was confirmed to be down and answers as active`,
    remedy: `If it is well, take it over again with oneup adopt ${rules.id} --node ${active}`,
  };
}

function laggards({ service, rules }: MachineState): Refusal | null {
  if (service.laggards.length === 0) return null;
  return {
    rule: 'dns.laggards',
    reason: `${service.laggards.join(', ')} did not answer anew after the last cutover`,
    remedy: `Look at these name servers; oneup why ${rules.id} shows the cutover`,
  };
}

/** Compares what is wrong with what was told; called once at the end of every step. */
export function reconcileAlerts(t: Transition): void {
  const known = new Map(t.state.service.alerts.map((entry) => [entry.id, entry]));
  const told = conditions(t.state, t.now).map((condition) => tell(t, condition, known.get(condition.id)));
  const next = [...told, ...lingering(t.state, told)];
  for (const entry of known.values()) {
    if (next.some(({ id }) => id === entry.id)) continue;
    const subject = `${t.state.rules.id}: over, ${entry.refusal.reason}`;
    t.effects.push({
      kind: 'alert',
      alert: {
        id: entry.id,
        state: 'resolved',
        count: entry.count,
        level: entry.level,
        subject,
        refusal: entry.refusal,
      },
    });
  }
  if (!isSame(t.state.service.alerts, next)) patchService(t, { alerts: next });
  forgetOver(t, next);
}

/** Between two rounds of a ladder an operation is not blocked for a moment; that is no end of what was told. */
function lingering(state: MachineState, told: readonly OpenAlert[]): readonly OpenAlert[] {
  const { op, service } = state;
  if (op === null) return [];
  const lasts = (id: string) =>
    (PROVING.includes(op.phase) && MISSING_PROOF.some((rule) => id.startsWith(`${op.opId}:${rule}`))) ||
    (id.endsWith(`:${STANDBY_UNHEALTHY}`) && isWorkedOn(state, id.slice(0, -STANDBY_UNHEALTHY.length - 1)));
  return service.alerts.filter(({ id }) => lasts(id) && !told.some((entry) => entry.id === id));
}

function tell(t: Transition, { id, level, refusal, about }: Condition, known: OpenAlert | undefined): OpenAlert {
  const toldAtMonoMs = t.state.local.alertedAtMonoMs[id];
  const isDue = toldAtMonoMs === undefined || t.now.monoMs - toldAtMonoMs >= t.state.rules.alertRepeatMs;
  if (known !== undefined && (known.ackedBy !== null || !isDue)) return { ...known, level, refusal };
  const count = (known?.count ?? 0) + 1;
  const subject = `${t.state.rules.id}: ${count === 1 ? '' : 'still: '}${about}${refusal.reason}`;
  patchLocal(t, { alertedAtMonoMs: { ...t.state.local.alertedAtMonoMs, [id]: t.now.monoMs } });
  t.effects.push({ kind: 'alert', alert: { id, state: 'open', count, level, subject, refusal } });
  return { id, level, refusal, sinceWallMs: known?.sinceWallMs ?? t.now.wallMs, count, ackedBy: null };
}

function forgetOver(t: Transition, open: readonly OpenAlert[]): void {
  const told = Object.entries(t.state.local.alertedAtMonoMs);
  const kept = told.filter(([id]) => open.some((entry) => entry.id === id));
  if (kept.length < told.length) patchLocal(t, { alertedAtMonoMs: Object.fromEntries(kept) });
}

function isSame(a: readonly OpenAlert[], b: readonly OpenAlert[]): boolean {
  return a.length === b.length && JSON.stringify(a) === JSON.stringify(b);
}
