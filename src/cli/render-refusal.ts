// The one form in which every command says that a rule refuses: the rule, the reason, and what to do. A refusal comes as the answer
// of the controller, or as an error that names its rule.
import type { OneupError } from '../base/oneup-error.ts';

type Told = { readonly rule: string; readonly reason: string; readonly remedy: string };

export function renderRefusal({ rule, reason, remedy }: Told): string {
  return `Refused by ${rule}: ${reason}\nRemedy: ${remedy}`;
}

/** `Cannot forget web: S7.in-force: it is there`: what is refused, by which rule, and why. */
const WITH_RULE = /^Cannot (?<what>[^:]+): (?<rule>(?:S\d+|[a-z]+)\.[a-z-]+): (?<reason>.+)$/su;

/** What ONEUP_REFUSED was thrown for, as any other refusal; null for another error, and for one that names no rule. */
export function refusalOf({ code, message, remedy }: OneupError): Told | null {
  const found = code === 'ONEUP_REFUSED' ? WITH_RULE.exec(message)?.groups : undefined;
  if (found?.rule === undefined) return null;
  return { rule: found.rule, reason: `cannot ${found.what}: ${found.reason}`, remedy };
}

/** An error as people read it. */
export function describeError(error: OneupError): string {
  const refusal = refusalOf(error);
  return refusal === null ? `${error.code}: ${error.message}\nRemedy: ${error.remedy}` : renderRefusal(refusal);
}
