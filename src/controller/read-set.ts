// What `status`, `why` and `plan` say of an active-active service: who answers, who does not and why, and what the name would
// answer after the next failure.
import type { ServiceConfig } from '../config/config.ts';
import { answerSet, desiredAnswer } from '../failover/active-active/answer-set.ts';
import { healthyNodes, isWanted, memberOf, RAMP_STEPS } from '../failover/active-active/members.ts';
import { modeRefusal } from '../failover/hold.ts';
import type { MachineState, Mode } from '../failover/service-state.ts';

export type SetStatus = {
  readonly minHealthy: number;
  readonly slowStartMs: number;
  /** Nodes that answer by their own health. */
  readonly healthy: readonly string[];
  /** `failOpen`: every verified node is answered; `last`: the last answer stays (S28). */
  readonly kind: 'healthy' | 'failOpen' | 'last';
  /** What the last confirmed write of the name holds. */
  readonly answers: readonly { readonly node: string; readonly address: string; readonly weight: number }[];
};

export type SetRole = 'answering' | 'drained' | 'maintenance' | 'failed' | 'returning' | 'waiting';

/** Null for an active-passive service. */
export function readSet(state: MachineState, service: ServiceConfig): SetStatus | null {
  if (service.activeActive === null) return null;
  const written = state.service.dns.confirmed?.answers ?? [];
  return {
    ...service.activeActive,
    healthy: healthyNodes(state),
    kind: answerSet(state).kind,
    answers: written.map(({ node, weight }) => ({ node, address: addressOf(service, node), weight })),
  };
}

/** `returning`: up, and before its resync or in its slow start. `waiting`: not verified yet. */
export function readSetRole(state: MachineState, node: string): SetRole {
  const { drained, isIn, owesResync, stage, verified } = memberOf(state, node);
  if (state.service.nodeMaintenance[node] !== undefined) return 'maintenance';
  if (drained !== null) return 'drained';
  if (isIn) return stage < RAMP_STEPS ? 'returning' : 'answering';
  if (state.local.view.nodes[node]?.down.kind === 'agreed') return 'failed';
  return owesResync && verified !== null ? 'returning' : 'waiting';
}

export function readDrained(state: MachineState, node: string): Mode | null {
  return memberOf(state, node).drained;
}

export type SetPlan = {
  readonly now: { readonly kind: SetStatus['kind']; readonly answers: readonly string[] };
  /** What the name would answer if one more node were held down. */
  readonly without: readonly {
    readonly node: string;
    readonly kind: SetStatus['kind'];
    readonly answers: readonly string[];
  }[];
};

/** Null for an active-passive service. */
export function planOfSet(state: MachineState): SetPlan | null {
  if (state.rules.activeActive === undefined) return null;
  const without = healthyNodes(state).map((node) => {
    const members = { ...state.service.members, [node]: { ...memberOf(state, node), isIn: false } };
    return { node, ...answersOf({ ...state, service: { ...state.service, members } }) };
  });
  return { now: answersOf(state), without };
}

function answersOf(state: MachineState): SetPlan['now'] {
  const answers = desiredAnswer(state)?.answers ?? [];
  return { kind: answerSet(state).kind, answers: answers.map(({ node }) => node) };
}

/** One sentence for `why`. */
export function summariseSet(state: MachineState, service: ServiceConfig): string {
  const mode = modeRefusal(state);
  const names = (state.service.dns.confirmed?.answers ?? []).map(({ node }) => node).join(', ');
  if (names === '') return `${service.id} answers nothing yet: no node was verified`;
  const away = service.nodes.map(({ id }) => id).filter((id) => !memberOf(state, id).isIn && isWanted(state, id));
  const missing = away.length === 0 ? '' : `; ${away.join(', ')} ${away.length === 1 ? 'is' : 'are'} not healthy`;
  return `${service.record.name} answers ${names}${missing}${mode === null ? '' : `; ${mode.reason}`}`;
}

function addressOf(service: ServiceConfig, node: string): string {
  return service.nodes.find(({ id }) => id === node)?.address ?? '';
}
