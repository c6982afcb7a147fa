// What a managed name shall hold: what its node publishes (A, AAAA, CNAME or alias), and the ownership TXT beside it (S26).
import type { DomainName } from '../base/ids.ts';
import type { Rrset } from '../dns/rrset.ts';
import { formatOwnership, type Ownership, ownershipName } from './ownership.ts';
import { answerRrsets, type PublishedAnswer } from './published-answer.ts';

export type DesiredInput = {
  readonly name: DomainName;
  /** Of verified nodes (S28): addresses of one family, or one target; at least one. */
  readonly answers: readonly PublishedAnswer[];
  /** One for each address, or null: all are answered together. */
  readonly weights: readonly number[] | null;
  /** 0 to 2147483647 (RFC 2181 section 8). */
  readonly ttlSeconds: number;
  readonly ownership: Ownership;
};

/** Throws RangeError for what is no answer: configuration has checked it, so this is a programmer's fault. */
export function desiredRrsets({ name, answers, weights, ttlSeconds, ownership }: DesiredInput): readonly Rrset[] {
  return [
    ...answerRrsets(name, answers, { ttlSeconds, weights }),
    { name: ownershipName(name), type: 'TXT', ttlSeconds, values: [formatOwnership(ownership)] },
  ];
}
