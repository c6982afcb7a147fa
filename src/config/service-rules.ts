// Rules about one service: can it be told up from down, can its old node be proven down, does its timing add up.
import { formatDuration } from '../base/duration.ts';
import type { CheckConfig, NodeConfig, ServiceConfig } from './config.ts';
import type { ConfigFinding, ConfigPath } from './config-problem.ts';
import { findDuplicates } from './find-duplicates.ts';
import type { ConfigRule, RuleDraft } from './rule-draft.ts';

export const SERVICE_RULES: readonly ConfigRule[] = [
  eachService(nodesDiffer),
  eachService(nodesSuffice),
  eachService(ttlLevelsFall),
  eachService(operationOutlastsSteps),
  eachService(warmStandbyIsRecognisable),
  checksFit,
];

type ServiceRule = (service: ServiceConfig, path: ConfigPath) => readonly ConfigFinding[];

function eachService(rule: ServiceRule): ConfigRule {
  return ({ services }) => services.flatMap((service) => rule(service, ['services', service.id]));
}

function nodesDiffer({ nodes }: ServiceConfig, path: ConfigPath): readonly ConfigFinding[] {
  const duplicates = (key: 'id' | 'address') =>
    findDuplicates(nodes.map((node) => node[key])).map(({ value, index, firstIndex }) => ({
      path: [...path, 'nodes', index, key],
      reason: `${key} ${value} is already taken by nodes[${firstIndex}]`,
      remedy: `Give every node of a service its own ${key}`,
    }));
  return [...duplicates('id'), ...duplicates('address')];
}

function nodesSuffice({ nodes, activeActive }: ServiceConfig, path: ConfigPath): readonly ConfigFinding[] {
  const eligible = nodes.filter(({ priority }) => priority > 0).length;
  if (eligible >= 2 || activeActive !== null) return [];
  const at = [...path, 'nodes'];
  if (eligible === 0) {
    return [{ path: at, reason: 'no node has a priority above 0', remedy: 'Give at least one node a priority of 1' }];
  }
  const reason = 'only one node may ever be active, there is nowhere to fail over to';
  return [{ path: at, reason, remedy: 'Add a node with a priority of 1 or more', severity: 'warning' }];
}

function ttlLevelsFall({ record }: ServiceConfig, path: ConfigPath): readonly ConfigFinding[] {
  const { steadySeconds, suspectSeconds, settlingSeconds } = record.ttl;
  const levels = [
    ['suspect', suspectSeconds],
    ['settling', settlingSeconds],
  ] as const;
  return levels.flatMap(([level, seconds]) => {
    if (seconds <= steadySeconds) return [];
    const reason = `the ${level} TTL of ${seconds}s must not exceed the steady one, which is ${steadySeconds}s`;
    return [{ path: [...path, 'record', 'ttl', level], reason, remedy: `Write at most ${steadySeconds}s` }];
  });
}

/** S34: an operation that reaches opMaxAge alarms a person, so one attempt with every step at its limit must fit. */
function operationOutlastsSteps({ nodes, failover }: ServiceConfig, path: ConfigPath): readonly ConfigFinding[] {
  const longestMs = Math.max(...nodes.map(stepsMs)) + failover.contactTimeoutMs + failover.verifyTimeoutMs;
  if (failover.opMaxAgeMs > longestMs) return [];
  return [
    {
      path: [...path, 'failover', 'opMaxAge'],
      reason: `one failover may take ${formatDuration(longestMs)} if every step uses its time limit`,
      remedy: `Write more than ${formatDuration(longestMs)}, or shorten the time limits of the actions`,
      rule: 'S34',
    },
  ];
}

function stepsMs({ actions }: NodeConfig): number {
  // A level asks until its own limit, and the last query may begin just before it.
  const levels = actions.fence.flatMap(({ act, confirm }) => [act, confirm?.query ?? null]);
  const steps = [actions.precheck, actions.sync, actions.stop, actions.start, ...levels];
  return steps.reduce((sum, step) => sum + (step?.timeoutMs ?? 0), 0);
}

/** S25: with a warm standby, what only the active passes must differ from what a healthy standby passes. */
function warmStandbyIsRecognisable({ nodes }: ServiceConfig, path: ConfigPath): readonly ConfigFinding[] {
  const isSame = nodes.some(({ activeCheck, standbyCheck }) => {
    return standbyCheck !== null && JSON.stringify(activeCheck.target) === JSON.stringify(standbyCheck.target);
  });
  if (!isSame) return [];
  return [
    {
      path: [...path, 'standby', 'check'],
      reason: 'the standby passes the same check as the active, so nothing tells them apart',
      remedy: 'Write an activeCheck that only the active passes',
      rule: 'S25',
    },
  ];
}

function checksFit({ cluster, services }: RuleDraft): readonly ConfigFinding[] {
  const sessionTtlMs = cluster?.timing.sessionTtlMs ?? Number.POSITIVE_INFINITY;
  return services.flatMap(({ id, nodes: [node] }) => {
    if (node === undefined) return [];
    const path = ['services', id];
    const active = node.activeCheck === node.check ? null : node.activeCheck;
    const checks = [
      { check: node.check, path: [...path, 'check'] },
      { check: active, path: [...path, 'activeCheck'] },
      { check: node.standbyCheck, path: [...path, 'standby', 'check'] },
    ];
    return [
      ...checks.flatMap(({ check, path: at }) => overridesFit(check, { sessionTtlMs, path: at, cluster })),
      ...checkFits(node.check, { sessionTtlMs, path: [...path, 'check'] }),
      ...checkFits(active, { sessionTtlMs, path: [...path, 'activeCheck'] }),
      ...checkFits(node.standbyCheck, { sessionTtlMs, path: [...path, 'standby', 'check'] }),
    ];
  });
}

type Fitting = {
  readonly sessionTtlMs: number;
  readonly path: ConfigPath;
  readonly cluster: RuleDraft['cluster'];
};

/** An override is for a prober that there is, and its own timeout keeps to the same bounds. */
function overridesFit(check: CheckConfig | null, { sessionTtlMs, path, cluster }: Fitting): readonly ConfigFinding[] {
  return (check?.overrides ?? []).flatMap(({ prober, timeoutMs }): readonly ConfigFinding[] => {
    const at = [...path, 'overrides', prober];
    const known = cluster?.probers.map(({ id }) => id) ?? [prober];
    if (!known.includes(prober)) {
      const reason = `there is no prober ${prober}; known: ${known.join(', ')}`;
      return [{ path: at, point: 'key', reason, remedy: 'Write the id of a prober' }];
    }
    return check === null || timeoutMs === check.timeoutMs
      ? []
      : checkFits({ ...check, timeoutMs }, { sessionTtlMs, path: at });
  });
}

function checkFits(
  check: CheckConfig | null,
  { sessionTtlMs, path }: { readonly sessionTtlMs: number; readonly path: ConfigPath },
): readonly ConfigFinding[] {
  if (check === null) return [];
  const { intervalMs, timeoutMs, recheckMs } = check;
  const interval = formatDuration(intervalMs);
  if (timeoutMs > intervalMs) {
    // S23: a check is not started again while it runs; rounds that are skipped for three intervals withdraw the vote.
    const reason = `a check must end before the next begins, interval is ${interval}`;
    return [
      { path: [...path, 'timeout'], reason, remedy: `Write at most ${interval}, or a longer interval`, rule: 'S23' },
    ];
  }
  if (timeoutMs >= sessionTtlMs) {
    const ttl = formatDuration(sessionTtlMs);
    const reason = `a vote must be cast while its session lives, sessionTtl is ${ttl}`;
    return [{ path: [...path, 'timeout'], reason, remedy: `Write less than ${ttl}`, rule: 'S23' }];
  }
  if (recheckMs <= intervalMs) return [];
  const reason = `looking again must not be slower than looking, interval is ${interval}`;
  return [{ path: [...path, 'recheck'], reason, remedy: `Write at most ${interval}` }];
}
