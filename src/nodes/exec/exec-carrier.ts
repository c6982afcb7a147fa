// The `exec` carrier: actions are scripts on this machine, run under the runner and remembered by the local guard (S12, S13).
// It builds what the runner needs and judges nothing itself.
import type { ExecActionConfig } from '../../config/config.ts';
import type { ActionCarrier, CarriedStep } from '../action-carrier.ts';
import { comparePositions } from '../step-position.ts';
import type { ExecCarrierOptions } from './exec-carrier-options.ts';
import { readGuardRecord } from './read-guard-record.ts';
import { recallNode } from './recall-node.ts';
import { runQuery } from './run-query.ts';
import { stepRequest } from './step-request.ts';

/** Never rejects for what scripts, nodes or the guard do: that is the result, with the code of the fault in front. */
export function createExecCarrier(options: ExecCarrierOptions): ActionCarrier<ExecActionConfig> {
  const { runner, mayActUntilBootMs, guardPath } = options;
  return {
    act: ({ command }, { signal, ...step }) => {
      const request = stepRequest(options, { ...step, command });
      return runner.request({ kind: 'run', untilBootMs: mayActUntilBootMs(), request }, { signal });
    },
    query: (action, { context, ...question }) => runQuery(action, context, { ...options, ...question }),
    adopt: (_, step) =>
      runner.request({ kind: 'adopt', untilBootMs: mayActUntilBootMs(), ...recorded(step) }, { signal: step.signal }),
    recall: (_, { context }) => Promise.resolve(recallNode(context, guardPath)),
    wasFired: (_, step) => wasFired(step, guardPath),
    recordOff: async (_, step) => {
      const request = { kind: 'off', untilBootMs: mayActUntilBootMs(), ...recorded(step) } as const;
      await runner.request(request, { signal: step.signal });
    },
  };
}

function recorded({ context, part }: CarriedStep) {
  const { cluster, service, node, generation, epoch, step } = context;
  return { key: { cluster, service, node }, position: { generation, epoch, step, part } };
}

/** A guard that cannot be read is dealt with when firing. */
function wasFired(step: CarriedStep, guardPath: string): boolean {
  const found = readGuardRecord(guardPath, step.context);
  if (!found.ok || found.value === null) return false;
  return comparePositions(found.value.position, recorded(step).position) === 0;
}
