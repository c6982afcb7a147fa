// Answers whether a unit may be a service of this node, while nothing is started: an agent that stands by learns it here, and not
// from a failover that fails.
import type { UnitAnswer } from '../ports/keeper.ts';
import { findUnitFault, silent } from './find-unit-fault.ts';
import { showUnit } from './unit-control.ts';

export type JudgeUnitOptions = {
  /** Path of systemctl. */
  readonly systemctl: string;
  readonly unit: string;
  readonly isOurs: () => boolean;
};

/** Never rejects. */
export async function judgeUnit({ systemctl, unit, isOurs }: JudgeUnitOptions): Promise<UnitAnswer> {
  const wasOurs = isOurs();
  const shown = await showUnit(systemctl, unit);
  if (!shown.ok) return { kind: 'unfit', ...silent(unit, shown.error) };
  // One that begins or ends by our hand meanwhile is ours as well.
  const found = await findUnitFault({ systemctl, unit, isOurs: wasOurs || isOurs() }, shown.value);
  return found === null ? { kind: 'fit' } : { kind: 'unfit', ...found };
}
