// Picks the carrier of an action by its kind and ties the two together, so that nobody hands an ssh action to exec.
import { assertNever } from '../base/assert-never.ts';
import type { ActionConfig } from '../config/config.ts';
import type { ActionCarrier, ActionCarriers } from './action-carrier.ts';

/** What can be done with one action, by whichever carrier is its own. */
export type BoundAction = {
  readonly [Call in keyof ActionCarrier]: (
    option: Parameters<ActionCarrier[Call]>[1],
  ) => ReturnType<ActionCarrier[Call]>;
};

export function carrierOf(action: ActionConfig, carriers: ActionCarriers): BoundAction {
  switch (action.driver) {
    case 'exec':
      return bind(action, carriers.exec);
    case 'ssh':
      return bind(action, carriers.ssh);
    case 'http':
      return bind(action, carriers.http);
    case 'agent':
      return bind(action, carriers.agent);
    default:
      return assertNever(action);
  }
}

function bind<Action extends ActionConfig>(action: Action, carrier: ActionCarrier<Action>): BoundAction {
  return {
    act: (step) => carrier.act(action, step),
    query: (question) => carrier.query(action, question),
    adopt: (step) => carrier.adopt(action, step),
    recall: (question) => carrier.recall(action, question),
    wasFired: (step) => carrier.wasFired(action, step),
    recordOff: (step) => carrier.recordOff(action, step),
  };
}
