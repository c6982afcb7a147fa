// Does an effect, a DNS write only when it is its turn at its provider: its deadline begins then, so that those who wait in a
// line are not taken for a provider that is silent.
import type { MachineEffect } from '../failover/machine-effect.ts';
import type { DnsOutcome } from '../failover/machine-event.ts';
import type { MachineState } from '../failover/service-state.ts';
import { isStillWanted } from '../failover/still-wanted.ts';
import { dnsFailure, drawJitter } from './dns-failure.ts';
import { performEffect } from './perform-effect.ts';
import type { Performer } from './performer.ts';
import { dnsEvent, placeOfWrite } from './record-places.ts';
import { writePriority } from './write-priority.ts';
import type { WriteTurns } from './write-turns.ts';

const UNWANTED: DnsOutcome = { kind: 'deferred', retryAfterMs: 0, reason: 'something else is wanted by now' };
const LATE = 'too many writes of other services were before it';

type Wanted = {
  readonly effect: MachineEffect;
  readonly state: MachineState;
  /** Null where writes need no turns. */
  readonly turnsAt: (provider: string) => WriteTurns | null;
};

export function performInTurn(performer: Performer, { effect, state, turnsAt }: Wanted): void {
  const { deps, report } = performer;
  const place = effect.kind === 'writeDns' ? placeOfWrite(deps.config, effect, state) : null;
  const turns = place === null ? null : turnsAt(place.service.record.provider);
  if (place === null || turns === null || effect.kind !== 'writeDns') return performEffect(performer, effect, state);
  const enter = (leave: () => void) => {
    const leaveAndReport: Performer['report'] = (event) => {
      leave();
      report(event);
    };
    performEffect({ ...performer, report: leaveAndReport }, effect, state);
  };
  const leaveLine = (why: 'late' | 'unwanted') => {
    if (why === 'unwanted') return report(dnsEvent(effect, UNWANTED));
    const outcome = { ...dnsFailure('none', LATE), jitter: drawJitter(deps.uniqueId()) };
    report(dnsEvent(effect, outcome));
  };
  turns.queue({ service: state.rules.id, priority: writePriority(effect, place.state), enter, leaveLine });
}

/** Told of every state: a write that waits and is not wanted any more makes room for the next wish. */
export function reviewTurn(turns: WriteTurns | null, state: MachineState): void {
  const { pending } = state.service.dns;
  if (turns !== null && pending !== null && !isStillWanted(state, pending)) turns.drop(state.rules.id);
}
