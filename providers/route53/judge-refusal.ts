// What a refused change batch means when all stands as the changes expect: a rule of Route 53 is broken, or what is deleted is
// spelled in another way than it is held. The messages are no contract, so whatever is not known counts as the first.
import type { ProviderErrorCode } from '../../src/ports/dns-provider.ts';

export type Refusal = { readonly kind: 'spelling' } | { readonly kind: 'rule'; readonly code: ProviderErrorCode };

const RULES: readonly (readonly [RegExp, ProviderErrorCode])[] = [
  [/not permitted in zone/, 'ONEUP_PROVIDER_ZONE_UNKNOWN'],
  [/not permitted at apex|not permitted as it conflicts|because a conflicting RRSet/, 'ONEUP_PROVIDER_RECORD_CONFLICT'],
  [/\bTTL\b/, 'ONEUP_PROVIDER_TTL_REFUSED'],
];

/** A DELETE that names something else, and the CREATE that therefore finds the old one in its place. */
const MISMATCH = /do not match the current values|it was not found|it already exists/;

export function judgeRefusal(messages: readonly string[]): Refusal {
  const text = messages.join('\n');
  const rule = RULES.find(([pattern]) => pattern.test(text));
  if (rule !== undefined) return { kind: 'rule', code: rule[1] };
  return MISMATCH.test(text) || text === '' ? { kind: 'spelling' } : { kind: 'rule', code: 'ONEUP_PROVIDER_REFUSED' };
}
