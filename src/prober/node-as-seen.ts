// A node as one prober sees it: where its checks have an override for this prober, that takes the place of what all others
// look at. Pure.
import type { ProberId } from '../base/ids.ts';
import type { CheckConfig, NodeConfig } from '../config/config.ts';

export function nodeAsSeenBy(prober: ProberId, node: NodeConfig): NodeConfig {
  const check = checkAsSeenBy(prober, node.check);
  // Where both are the same check they stay the same one, so that it runs once.
  const activeCheck = node.activeCheck === node.check ? check : checkAsSeenBy(prober, node.activeCheck);
  const standbyCheck = node.standbyCheck === null ? null : checkAsSeenBy(prober, node.standbyCheck);
  const isSame = check === node.check && activeCheck === node.activeCheck && standbyCheck === node.standbyCheck;
  return isSame ? node : { ...node, check, activeCheck, standbyCheck };
}

function checkAsSeenBy(prober: ProberId, check: CheckConfig): CheckConfig {
  const own = check.overrides?.find((override) => override.prober === prober);
  return own === undefined ? check : { ...check, target: own.target, timeoutMs: own.timeoutMs };
}
