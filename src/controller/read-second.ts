// What is on record of a service at its second provider, for `status` and `why`: the answer there, and whether it is behind.
import type { Config } from '../config/config.ts';
import type { Refusal } from '../failover/refusal.ts';
import type { MachineState } from '../failover/service-state.ts';
import { publishedAddresses } from '../plan/published-addresses.ts';
import { answerText } from './last-writes.ts';
import { type RecordPlace, recordPlaces } from './record-places.ts';
import { publishedTtl } from './record-ttl.ts';

export type SecondStatus = {
  /** Name of the entry in `providers`. */
  readonly provider: string;
  readonly addresses: readonly string[];
  readonly ttlSeconds: number | null;
  /** The two providers were not last written with the same answer: one of them waits, or cannot be written. */
  readonly differs: boolean;
  readonly dnsProblem: Refusal | null;
};

const TTLS = { steady: 'steadySeconds', suspect: 'suspectSeconds', settling: 'settlingSeconds' } as const;

export function readSecond(config: Config, state: MachineState): SecondStatus | null {
  const [first, second] = recordPlaces(config, state);
  if (first === undefined || second === undefined) return null;
  const { service, state: followed } = second;
  const { confirmed } = followed.service.dns;
  return {
    provider: service.record.provider,
    addresses: publishedAddresses(service.nodes, confirmed),
    ttlSeconds: confirmed === null ? null : publishedTtl(config, service.record).ttl[TTLS[confirmed.level]],
    differs: answerAt(first) !== answerAt(second),
    dnsProblem: followed.service.dnsProblem,
  };
}

function answerAt({ state }: RecordPlace): string | null {
  const { confirmed } = state.service.dns;
  return confirmed === null ? null : answerText(confirmed);
}
