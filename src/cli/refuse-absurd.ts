// A number that no cluster counts to was written by somebody else's hand. A generation above it could not be written to DNS any
// more (formatOwnership), so `init` and `recover` refuse to begin one, and say whose number it is (S4, S26).
import { COUNT_MAX } from '../base/count-max.ts';
import type { ServiceId } from '../base/ids.ts';
import { OneupError } from '../base/oneup-error.ts';

export type SaidNumbers = {
  readonly service: ServiceId;
  readonly generation: number;
  readonly epoch: number;
  /** Who says it: one of these. */
  readonly provider?: string;
  readonly node?: string;
  readonly prober?: string;
};

/** Throws ONEUP_REFUSED with every number that leaves no room above it. */
export function refuseAbsurd(what: string, seen: readonly SaidNumbers[]): void {
  const absurd = seen.filter(({ generation, epoch }) => Math.max(generation, epoch) > COUNT_MAX);
  if (absurd.length === 0) return;
  const reasons = absurd.map(
    ({ service, generation, epoch, ...who }) =>
      `${placeOf(service, who)} says generation ${generation} and epoch ${epoch} of ${service}`,
  );
  throw new OneupError('ONEUP_REFUSED', `Cannot ${what}: S4.absurd-number: ${reasons.join('; ')}`, {
    remedy: `No cluster counts beyond ${COUNT_MAX}, so somebody wrote it by hand. At a provider, correct or delete the TXT beside the name of the service; on a node, the memory of its guard; then run the command again`,
  });
}

function placeOf(service: ServiceId, { provider, node, prober }: Pick<SaidNumbers, 'provider' | 'node' | 'prober'>) {
  if (provider !== undefined) return `provider:${provider}`;
  return node === undefined ? `the name server of ${prober}` : `${service}/${node}`;
}
