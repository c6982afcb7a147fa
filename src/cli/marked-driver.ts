// Writes down how far the store has come before anything is done to a node: an epoch that has had an effect must never be given
// again by a store that was put back to the moment before it (S4).
import type { ActionContext, NodeDriver } from '../ports/node-driver.ts';

/** `mark` must not reject: a disk that is full is told by whoever keeps the marks, and holds up no failover. */
export function createMarkedDriver(driver: NodeDriver, mark: (context: ActionContext) => Promise<void>): NodeDriver {
  return {
    ...driver,
    act: async (action, context, options) => {
      await mark(context);
      return driver.act(action, context, options);
    },
    adopt: async (context, options) => {
      await mark(context);
      return driver.adopt(context, options);
    },
    fence: async (context, options) => {
      await mark(context);
      return driver.fence(context, options);
    },
  };
}
