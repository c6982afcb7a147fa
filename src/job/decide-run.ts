// Whether a command may begin, or go on, beside a service on this node. Everything that is not known counts against it, and the
// reason is one that a person can act on.
import { formatDuration } from '../base/duration.ts';
import type { NodeState, ServiceState } from '../ports/node-state.ts';

export type RunQuestion = {
  readonly service: string;
  /** Of this machine, now. */
  readonly bootId: string;
  /** On the clock that counts suspension (S2); null where there is none, and then no age means anything. */
  readonly nowBootMs: number | null;
  /** null: twice as long as from one renewal to the next. */
  readonly maxAgeMs: number | null;
  /** A service that is being started under a lease counts as active: its own unit asks. */
  readonly allowsStarting?: boolean;
};

export type RunDecision =
  | {
      readonly kind: 'run';
      readonly node: string;
      readonly epoch: number;
      /** null: nobody enforces the lease. */
      readonly activeUntilBootMs: number | null;
    }
  | { readonly kind: 'refuse'; readonly reason: string };

/** A lease that ends within this is over before a command has done anything. */
export const LEASE_LEFT_MIN_MS = 1_000;

/** For a command that has not begun. */
export function decideStart(state: NodeState, question: RunQuestion): RunDecision {
  const known = findActive(state, question);
  if ('reason' in known) return refuse(known.reason);
  return findOld(known) ?? findEnding(known) ?? run(known);
}

/**
 * For one that runs under `epoch`, and knew last that it may until `untilBootMs`. One lost renewal is no reason to end it: where
 * somebody enforces the lease its end counts, and only elsewhere the age. Of an agent that was just started again, which has
 * nothing granted yet, the end that was known before counts on.
 */
export function decideStay(
  state: NodeState,
  question: RunQuestion & { readonly epoch: number; readonly untilBootMs: number | null },
): RunDecision {
  const known = findActive(state, question);
  if ('reason' in known) return refuse(known.reason);
  const { service } = known;
  if (service.epoch !== question.epoch) return refuse(`its epoch is ${service.epoch} now and was ${question.epoch}`);
  const activeUntilBootMs = service.renewedBootMs === null ? question.untilBootMs : service.activeUntilBootMs;
  const lasting = { ...known, service: { ...service, activeUntilBootMs } };
  return (activeUntilBootMs === null ? findOld(known) : findEnding(lasting)) ?? run(lasting);
}

type Active = {
  readonly service: ServiceState;
  readonly nowBootMs: number;
  readonly maxAgeMs: number | null;
};

function findActive(state: NodeState, question: RunQuestion): Active | { readonly reason: string } {
  const { nowBootMs, bootId } = question;
  if (nowBootMs === null) return { reason: 'this machine has no clock that counts suspension' };
  if (state.bootId !== bootId) return { reason: 'the state file is from before the machine was started' };
  if (!Object.hasOwn(state.services, question.service))
    return { reason: 'the agent of this node knows no such service' };
  const service = state.services[question.service] as ServiceState;
  const isAllowed = service.role === 'active' || (service.role === 'starting' && question.allowsStarting === true);
  if (!isAllowed) return { reason: `this node is ${service.role}` };
  return { service, nowBootMs, maxAgeMs: question.maxAgeMs };
}

function findOld({ service, nowBootMs, maxAgeMs }: Active): RunDecision | null {
  const { renewedBootMs, renewEveryMs } = service;
  if (renewedBootMs === null || renewEveryMs === null) return refuse('no renewal of its lease has been granted');
  const ageMs = nowBootMs - renewedBootMs;
  const allowedMs = maxAgeMs ?? 2 * renewEveryMs;
  if (ageMs < 0) return refuse('the state file is from a time that has not come');
  if (ageMs <= allowedMs) return null;
  const [age, allowed] = [formatDuration(ageMs), formatDuration(allowedMs)];
  return refuse(`its lease was renewed ${age} ago, and at most ${allowed} is allowed`);
}

function findEnding({ service: { activeUntilBootMs }, nowBootMs }: Active): RunDecision | null {
  if (activeUntilBootMs === null || activeUntilBootMs - nowBootMs >= LEASE_LEFT_MIN_MS) return null;
  return refuse('its lease ends within a second, or has ended');
}

function run({ service: { node, epoch, activeUntilBootMs } }: Active): RunDecision {
  return { kind: 'run', node, epoch, activeUntilBootMs };
}

function refuse(reason: string): RunDecision {
  return { kind: 'refuse', reason };
}
