// Commands that move a service: now, by force, at a time, back, or only to see whether it would work. Each is accepted with an
// operation, or refused by a rule with the next step.
import type { NodeId } from '../base/ids.ts';
import { candidates, notStartable } from './candidates.ts';
import { findNode, isReply, notFree, refused } from './command-guards.ts';
import { createOperation } from './create-operation.ts';
import { dnsRefusal } from './dns-hold.ts';
import { isFailbackWindowOpen } from './failback-window.ts';
import type { CommandReply, MachineCommand } from './machine-command.ts';
import type { OperationKind } from './operation.ts';
import { OVERRIDABLE, overridesRefusal, unlessOverridden } from './overrides.ts';
import { preferredNode } from './preferred-node.ts';
import type { RuleId } from './refusal.ts';
import { safetyRefusal } from './safety-rules.ts';
import type { MachineState } from './service-state.ts';
import { unhealthyTarget } from './standby-health.ts';
import { patchService, type Transition } from './transition.ts';
import { tooFewVotes } from './valid-votes.ts';

type Of<K extends MachineCommand['kind']> = Extract<MachineCommand, { kind: K }>;

type Wanted = {
  readonly kind: OperationKind;
  readonly from: NodeId | null;
  readonly to: NodeId | null;
  readonly reason: string;
  readonly actor: string;
  readonly overrides?: readonly RuleId[];
  readonly waitsForTtl?: boolean;
};

/** Creates the operation of a command, with the votes of the moment as evidence. */
export function begin(t: Transition, wanted: Wanted): CommandReply {
  const votes = Object.fromEntries(
    Object.entries(t.state.local.view.nodes).map(([node, view]) => [node, view.votes] as const),
  );
  const op = createOperation(t, { ...wanted, rules: wanted.overrides ?? [], evidence: { votes } });
  return { kind: 'accepted', opId: op.opId, note: `${wanted.kind} begins` };
}

export function answeringNodes(state: MachineState): readonly NodeId[] {
  return Object.entries(state.local.view.nodes)
    .filter(([, view]) => view.answering.length > 0)
    .map(([node]) => node);
}

/** `kind` drill for a live drill, which is a switchover that comes back. */
export function switchover(
  t: Transition,
  actor: string,
  command: Of<'switchover'>,
  kind: 'switchover' | 'drill' = 'switchover',
): CommandReply {
  const busy = notFree(t.state) ?? fromDiffers(t.state, command.from);
  if (busy !== null) return busy;
  const { active } = t.state.service;
  const [best] = candidates(t.state, active === null ? [] : [active]).eligible;
  const to = command.to ?? best;
  if (to === undefined)
    return refused('candidate.none', 'no other node can be started', `See oneup why ${t.state.rules.id}`);
  const refusal = targetRefusal(t.state, to, []) ?? runningElsewhere(t.state);
  if (refusal !== null) return refusal;
  const { reason, waitsForTtl = true } = command;
  return begin(t, { kind, from: active, to, reason, actor, waitsForTtl });
}

function fromDiffers({ service }: MachineState, from: NodeId | null): CommandReply | null {
  if (from === null || from === service.active) return null;
  return refused(
    'switchover.from-differs',
    `the active node is ${service.active ?? 'none'}, not ${from}`,
    'Name the active node',
  );
}

/** Whether the node may become active, but for what the person has set aside. */
function targetRefusal(state: MachineState, to: NodeId, overrides: readonly RuleId[]): CommandReply | null {
  const target = findNode(state, to);
  if (isReply(target)) return target;
  if (to === state.service.active) {
    return refused('node.is-active', `node ${to} is the active node already`, 'Name another node');
  }
  const refusal =
    unlessOverridden(notStartable(state, target), overrides) ??
    unlessOverridden(unhealthyTarget(state, to), overrides) ??
    unlessOverridden(safetyRefusal(state, to), overrides) ??
    unlessOverridden(dnsRefusal(state, { from: state.service.active, to }), overrides) ??
    // With nobody active there is no healthy service that the move could turn off.
    (state.service.active === null ? null : unlessOverridden(tooFewVotes(state, to), overrides));
  return refusal === null ? null : { kind: 'refused', refusal };
}

/** Nobody holds the grant and yet something runs: a start beside it would be the second. */
function runningElsewhere(state: MachineState): CommandReply | null {
  const elsewhere = state.service.active === null ? answeringNodes(state) : [];
  if (elsewhere.length === 0 || !state.rules.exclusive) return null;
  return refused(
    'switchover.running-elsewhere',
    `an instance that oneup did not start answers on ${elsewhere.join(', ')}`,
    `Take it over with oneup adopt ${state.rules.id} --node ${elsewhere[0]}, or stop it`,
  );
}

/** Names what it overrides and never skips the proof (B and D of the requirements; AWS ARC's SafetyRulesToOverride). */
export function forcedFailover(t: Transition, actor: string, command: Of<'failover'>): CommandReply {
  const busy = notFree(t.state);
  if (busy !== null) return busy;
  const { to, overrides, reason } = command;
  const refusal = overridesRefusal(overrides);
  if (refusal !== null) return { kind: 'refused', refusal };
  const notAllowed = targetRefusal(t.state, to, overrides) ?? runningElsewhere(t.state);
  if (notAllowed !== null) return notAllowed;
  const named = overrides.length === 0 ? '' : ` (sets aside ${overrides.join(', ')})`;
  const wanted = { kind: 'forced', from: t.state.service.active, to, reason: `${reason}${named}`, actor } as const;
  return begin(t, { ...wanted, overrides: OVERRIDABLE.filter((rule) => overrides.includes(rule)) });
}

export function failback(t: Transition, actor: string, command: Of<'failback'>): CommandReply {
  const busy = notFree(t.state);
  if (busy !== null) return busy;
  const { active } = t.state.service;
  const preferred = preferredNode(t.state);
  if (preferred === null || preferred.id === active) {
    return refused(
      'failback.preferred-is-active',
      `the preferred node ${preferred?.id ?? ''} is active`,
      'Nothing to do',
    );
  }
  const refusal = targetRefusal(t.state, preferred.id, []) ?? runningElsewhere(t.state);
  if (refusal !== null) return refusal;
  return begin(t, { kind: 'failback', from: active, to: preferred.id, reason: command.reason, actor });
}

/** A schedule beyond this is a slip of the pen. */
const SCHEDULE_MAX_MS = 366 * 86_400_000;

/** One for each service; it is judged again when its time comes. */
export function schedule(t: Transition, actor: string, command: Of<'schedule'>): CommandReply {
  const { service, rules } = t.state;
  const known = command.to === null ? null : findNode(t.state, command.to);
  if (known !== null && isReply(known)) return known;
  const differs = fromDiffers(t.state, command.from);
  if (differs !== null) return differs;
  if (service.scheduled !== null) {
    return refused(
      'schedule.one-only',
      `${service.scheduled.actor} has scheduled a switchover for ${at(service.scheduled.atWallMs)}`,
      `Cancel it with oneup switchover ${rules.id} --cancel`,
    );
  }
  // Written so that what is no number at all is refused too.
  if (!(command.atWallMs > t.now.wallMs && command.atWallMs <= t.now.wallMs + SCHEDULE_MAX_MS)) {
    return refused('schedule.bad-time', 'the time has passed, or is more than a year away', 'Name another time');
  }
  const { from, to, atWallMs, reason } = command;
  patchService(t, { scheduled: { from, to, atWallMs, reason, actor } });
  return { kind: 'accepted', opId: null, note: `a switchover is scheduled for ${at(atWallMs)}` };
}

function at(wallMs: number): string {
  return new Date(wallMs).toISOString();
}

export function unschedule(t: Transition): CommandReply {
  const { scheduled } = t.state.service;
  if (scheduled === null) return refused('schedule.none', 'no switchover is scheduled', 'Nothing to do');
  patchService(t, { scheduled: null });
  return { kind: 'accepted', opId: null, note: `the switchover of ${at(scheduled.atWallMs)} is cancelled` };
}

/** A live drill moves and comes back; one that only looks asks everything that a move would rest on. */
export function drill(t: Transition, actor: string, command: Of<'drill'>): CommandReply {
  const { active } = t.state.service;
  const { reason, to, holdMs } = command;
  if (!command.live) {
    return notFree(t.state) ?? begin(t, { kind: 'check', from: active, to: null, reason, actor });
  }
  if (active === null) {
    return refused('adopt.not-running', 'no node is active', `Start one with oneup switchover ${t.state.rules.id}`);
  }
  if (t.state.rules.failback === 'window' && !isFailbackWindowOpen(t.state.service, t.now)) {
    return refused('drill.outside-window', 'the failback window is closed', 'Wait for it, or run a switchover');
  }
  const reply = switchover(t, actor, { kind: 'switchover', from: active, to, reason }, 'drill');
  const { op } = t.state;
  if (reply.kind === 'accepted' && op?.to != null) {
    patchService(t, { drill: { from: op.to, to: active, holdMs, actor, reason } });
  }
  return reply;
}
