// Rules that a forced failover sets aside, as people write them: short words, full ids, repeated or with commas.
import { OneupError } from '../base/oneup-error.ts';
import { OVERRIDABLE } from '../failover/overrides.ts';
import type { RuleId } from '../failover/refusal.ts';

const SHORT: Readonly<Record<string, RuleId>> = {
  readiness: 'S32.precheck-failed',
  standby: 'S25.standby-unhealthy',
  lag: 'candidate.lagging',
  cooldown: 'S36.cooldown',
  budget: 'S36.budget',
  'mass-failure': 'S36.mass-failure',
  failures: 'S36.failure-threshold',
  assertion: 'assertion.startable',
  gate: 'gate.closed',
  quorum: 'S24.quorum-pending',
  reach: 'target.unreachable',
  drift: 'S27.dns-drift',
  'dns-newer': 'S27.store-went-back',
  'dns-write': 'dns.write-failed',
};

/** For help and errors: every word with the rule that it stands for. */
export const OVERRIDE_WORDS = Object.entries(SHORT)
  .map(([word, rule]) => `${word} (${rule})`)
  .join(', ');

/** Adds one value of the option to those before it. Throws ONEUP_USAGE that lists what can be set aside. */
export function addOverrides(text: string, before: readonly RuleId[]): readonly RuleId[] {
  return [...new Set([...before, ...text.split(',').map((word) => override(word.trim()))])];
}

function override(word: string): RuleId {
  const found = Object.hasOwn(SHORT, word) ? SHORT[word] : OVERRIDABLE.find((rule) => rule === word);
  if (found !== undefined) return found;
  throw new OneupError('ONEUP_USAGE', `Cannot set a rule aside: value was ${word === '' ? 'empty' : word}`, {
    remedy: `These can be: ${OVERRIDE_WORDS}`,
  });
}
