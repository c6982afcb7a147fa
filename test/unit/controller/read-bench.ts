// A store with the records of one service, for what is only read: no controller runs here.

import type { ServiceConfig } from '../../../src/config/config.ts';
import { encodeMachine, recordKeys } from '../../../src/controller/machine-records.ts';
import type { ReadDeps } from '../../../src/controller/read-model.ts';
import { serviceRulesFromConfig } from '../../../src/controller/service-rules-from-config.ts';
import type { HistoryEntry, JournalEntry } from '../../../src/failover/machine-effect.ts';
import {
  EMPTY_LOCAL_STATE,
  EMPTY_SERVICE_RECORD,
  type MachineState,
  type ServiceRecord,
} from '../../../src/failover/service-state.ts';
import type { Store } from '../../../src/ports/store.ts';
import { put } from '../../support/store-calls.ts';
import { createBench, vote } from './controller-bench.ts';

export type ReadBench = {
  readonly deps: ReadDeps & { readonly store: Store };
  readonly service: ServiceConfig;
  readonly addHistory: (entry: HistoryEntry) => Promise<void>;
  readonly addJournal: (entries: readonly JournalEntry[]) => Promise<void>;
};

/** Node a is active and seen up, b is proven down. */
export async function createReadBench(
  change: Partial<ServiceRecord> = {},
  rest: Partial<Pick<MachineState, 'op' | 'tail'>> = {},
): Promise<ReadBench> {
  const bench = await createBench();
  const { config, keys, store, clock, deps } = bench;
  const [service] = config.services;
  if (service === undefined) throw new TypeError('Cannot read: the configuration of the bench has no service');
  const rules = serviceRulesFromConfig(config, service);
  const confirmed = { node: 'a', level: 'steady', epoch: 1, seq: 1 } as const;
  const dns = { ...EMPTY_SERVICE_RECORD.dns, confirmed, seq: 1 };
  const state: MachineState = {
    rules,
    service: { ...EMPTY_SERVICE_RECORD, epoch: 1, step: 3, crumbVersion: 2, active: 'a', dns, ...change },
    breadcrumbs: {
      a: { kind: 'maybe', version: 1, epoch: 1 },
      b: { kind: 'down', version: 2, how: 'stop acknowledged', wallMs: 0, revision: 1 },
    },
    grant: { node: 'a', epoch: 1, revoked: false },
    op: null,
    tail: null,
    local: EMPTY_LOCAL_STATE,
    ...rest,
  };
  for (const [key, value] of encodeMachine(recordKeys(keys, rules), state)) await put(store, key, value);
  await vote(bench, 'a', true);
  await vote(bench, 'b', false);
  await clock.advance(100);
  return {
    deps: { config, keys, store, view: deps.view },
    service,
    addHistory: async (entry) => void (await put(store, keys.history('web', entry.op.opId), JSON.stringify(entry))),
    addJournal: async (entries) => {
      for (const entry of entries)
        await put(store, keys.journalEntry('web', entry.opId, entry.seq), JSON.stringify(entry));
    },
  };
}
