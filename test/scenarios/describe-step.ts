// What one step decided, as lines of a story: journal, alerts that somebody must hear, replies, and the end of an operation.
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
export function describeWorld({ state, nodes, dns }: StoryWorld): string {
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
      `active ${active ?? 'none'} epoch ${epoch}`,
      crumbs.join(', '),
      `dns ${dns.address === '' ? 'none' : `${dns.address} epoch ${dns.epoch}`}`,
      `starts/stops/fences ${counts.join(', ')}`,
      ...(failed === '' ? [] : [`failed ${failed}`]),
    ].join('; ') +
    doing +
    tail
  );
}
