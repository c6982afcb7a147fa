// Rules about proof: an exclusive service moves only when its old node is proven down, so the configuration must say how.
import { assertNever } from '../base/assert-never.ts';
import type { ActionConfig } from './action-config.ts';
import { agentStartsAlone } from './agent-rules.ts';
import type { NodeConfig, ServiceConfig } from './config.ts';
import type { ConfigFinding, ConfigPath } from './config-problem.ts';
import type { ServiceWritten } from './schema/service-schema.ts';

/** `written` is the service as it stands in the file; what it says about proof is not all kept in the resolved form. */
export function proofRules(
  service: ServiceConfig,
  { written, path }: { readonly written: ServiceWritten; readonly path: ConfigPath },
): readonly ConfigFinding[] {
  return [
    ...ladderExists(service, path),
    ...startExists(service, path),
    ...levelsAreProven(written, path),
    ...standbyCanBeAsked(service, path),
    ...stopIsHeard(service, path),
    ...agentStartsAlone(written, path),
  ];
}

/** S20: no proof, no start; an automatic exclusive service without a ladder could never fail over. */
function ladderExists({ exclusive, failover, nodes }: ServiceConfig, path: ConfigPath): readonly ConfigFinding[] {
  if (!exclusive || !failover.automatic || nodes.every(isProvable)) return [];
  return [
    {
      path: [...path, 'actions', 'fence'],
      reason: 'an automatic, exclusive service has no way to prove that a node is down',
      remedy: 'Add a fence level, or write exclusive: false or failover.automatic: false',
      rule: 'S20',
      code: 'ONEUP_NO_FENCE_LADDER',
    },
  ];
}

/** A level of the ladder, or a lease that runs out (S20). */
function isProvable({ actions, leaseProof }: NodeConfig): boolean {
  return actions.fence.length > 0 || leaseProof;
}

function startExists({ exclusive, nodes }: ServiceConfig, path: ConfigPath): readonly ConfigFinding[] {
  if (!exclusive || nodes.every(({ actions }) => actions.start !== null)) return [];
  const reason = 'an exclusive service needs a start action, its standbys do not run by themselves';
  return [{ path: [...path, 'actions', 'start'], reason, remedy: 'Add actions.start, or write exclusive: false' }];
}

/** S18: the exit code of the acting command proves nothing unless the file says so in so many words. */
function levelsAreProven({ actions }: ServiceWritten, path: ConfigPath): readonly ConfigFinding[] {
  return actions.fence.flatMap((level, index): readonly ConfigFinding[] => {
    const at = [...path, 'actions', 'fence', index];
    if (level.confirm === undefined && !level.confirmedByExit) {
      const reason = 'a fence level needs a query that confirms the node is off';
      const remedy = 'Add confirm, or write confirmedByExit: true if the command itself waits for the proof';
      return [{ path: at, reason, remedy, rule: 'S18' }];
    }
    if (level.confirm !== undefined && level.confirmedByExit) {
      const reason = 'a level is confirmed by its query or by its exit code, not by both';
      return [{ path: [...at, 'confirmedByExit'], reason, remedy: 'Remove one of them', rule: 'S18' }];
    }
    const words = level.exec === undefined ? [] : Array.isArray(level.exec) ? level.exec : level.exec.command;
    if (level.confirm !== undefined || !DOES_NOTHING.test(words[0] ?? '')) return [];
    const reason = 'this level passes without doing anything, so it proves nothing';
    return [
      {
        path: [...at, 'exec'],
        reason,
        remedy: 'Use a command that isolates the node',
        rule: 'S18',
        severity: 'warning',
      },
    ];
  });
}

const DOES_NOTHING = /(?:^|\/)(?:true|:|echo)$/;

/** S17: a warm standby whose breadcrumb is unknown is proven by the status action alone. */
function standbyCanBeAsked({ exclusive, standby, nodes }: ServiceConfig, path: ConfigPath): readonly ConfigFinding[] {
  if (!exclusive || standby.kind === 'stopped' || nodes.every(({ actions }) => actions.status !== null)) return [];
  const reason = 'without a status action a warm standby cannot say that it is one, and only fencing proves it';
  return [{ path: [...path, 'actions'], reason, remedy: 'Add actions.status', rule: 'S17', severity: 'warning' }];
}

/**
 * S13: the role comes from the guard that heard of the start. A stop that another guard hears of would leave it saying active
 * for ever, unless the node is asked for its role.
 */
function stopIsHeard({ exclusive, nodes }: ServiceConfig, path: ConfigPath): readonly ConfigFinding[] {
  const isDeaf = nodes.some(({ actions: { start, stop, status } }) => {
    return start !== null && stop !== null && status === null && guardOf(start) !== guardOf(stop);
  });
  if (!exclusive || !isDeaf) return [];
  const reason = 'start and stop are remembered in different places, so a stopped node would still count as active';
  return [
    {
      path: [...path, 'actions', 'stop'],
      reason,
      remedy: 'Use one driver and place for both, or add actions.status',
      rule: 'S13',
    },
  ];
}

/** Where the guard of an action keeps its memory. */
function guardOf(action: ActionConfig): string {
  switch (action.driver) {
    case 'exec':
      return 'exec';
    case 'ssh':
      return `ssh ${action.target.host} ${action.target.port} ${action.target.stateDir}`;
    case 'http':
      return `http ${action.url}`;
    case 'agent':
      return 'agent';
    default:
      return assertNever(action);
  }
}
