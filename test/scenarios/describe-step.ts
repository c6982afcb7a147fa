// What one step decided, as lines of a story: journal, alerts that somebody must hear, replies, and the end of an operation.
import type { MachineState } from '../../src/failover/service-state.ts';
import type { StepResult } from '../../src/failover/step.ts';
import type { StoryWorld } from './story-world.ts';

export function describeStep({ journal, effects, history }: StepResult): readonly string[] {
  return [
    ...journal.map(({ kind, phase, text, rules }) => {
      const named = rules.length === 0 ? '' : ` [${rules.join(' ')}]`;
      return `  ${kind.padEnd(6)} ${phase.padEnd(13)} ${steady(text)}${named}`;
    }),
    ...effects.flatMap((effect) => {
      if (effect.kind === 'alert' && effect.alert.level !== 'info') return [`  ! ${steady(effect.alert.subject)}`];
      if (effect.kind === 'resign') return [`  (the controller resigns: ${effect.reason})`];
      if (effect.kind !== 'reply') return [];
      const { reply } = effect;
      if (reply.kind === 'accepted') return [`  accepted: ${steady(reply.note)}`];
      return [`  refused ${reply.refusal.rule}: ${steady(reply.refusal.reason)}`];
    }),
    ...history.map(({ op, outcome }) => `  = ${op.kind} ${outcome}`),
  ];
}

/** Operation ids hold the time, which is of no interest to a story. */
function steady(text: string): string {
  return text.replace(/\b[0-9a-z]{8}-(\d+)\b/g, 'op-$1');
}

/** Where everything stands, in one line. */
export function describeWorld({ state, nodes, dns, second }: StoryWorld): string {
  const crumbs = nodes.map(({ id, isRunning }) => {
    return `${id}${isRunning ? '*' : ''} ${state.breadcrumbs[id]?.kind ?? 'unknown'}`;
  });
  const counts = nodes.map(({ id, counts }) => `${id} ${counts.starts}/${counts.stops}/${counts.fences}`);
  const { active, epoch } = state.service;
  const doing =
    state.op === null ? '' : `; ${state.op.kind} in ${state.op.phase}${state.op.blocked === null ? '' : ' BLOCKED'}`;
  const tail = state.tail === null ? '' : `; tail in ${state.tail.phase}`;
  const failed = Object.keys(state.service.failed).join(' ');
  return (
    [
      state.rules.activeActive === undefined ? `active ${active ?? 'none'} epoch ${epoch}` : `in ${membersOf(state)}`,
      crumbs.join(', '),
      `dns ${dns.address === '' ? 'none' : `${dns.address} epoch ${dns.epoch}`}`,
      ...(state.rules.second === undefined
        ? []
        : [`second dns ${second.address === '' ? 'none' : `${second.address} epoch ${second.epoch}`}`]),
      `starts/stops/fences ${counts.join(', ')}`,
      ...(failed === '' ? [] : [`failed ${failed}`]),
    ].join('; ') +
    doing +
    tail
  );
}

/** Nodes of an active-active service that answer by their own health. */
function membersOf({ service }: MachineState): string {
  const found = Object.entries(service.members ?? {}).filter(([, { isIn }]) => isIn);
  return found.length === 0 ? 'none' : found.map(([node]) => node).join(' ');
}
