// What the ownership TXT says about who wrote last, compared with what the store knows (S27). A refusal of a provider has
// several causes that need opposite answers; only this text tells them apart.
import type { Refusal } from '../failover/refusal.ts';
import { compareOwnership, formatOwnership, isSameOwnership, type Ownership, parseOwnership } from './ownership.ts';

export type OwnershipInput = {
  /** Value of the TXT as the provider holds it now; null when there is none. */
  readonly currentTxt: string | null;
  readonly thisWrite: Ownership;
  /** The last write known to be in force; null before the first. */
  readonly expectedBefore: Ownership | null;
  /** Writes of ours whose outcome is unknown. */
  readonly unconfirmedIntents: readonly Ownership[];
};

/**
 * `done`: this very write is in force. `expected`: what the store confirmed last, or nothing before the first write.
 * `retryAbove`: another write of ours, now the new previous. `stale`: somebody above us wrote. `drift`: a foreign hand.
 */
export type OwnershipStanding =
  | { readonly kind: 'done' }
  | { readonly kind: 'expected' }
  | { readonly kind: 'retryAbove'; readonly previous: Ownership }
  | { readonly kind: 'stale'; readonly reason: string }
  | { readonly kind: 'drift'; readonly refusal: Refusal };

export function classifyOwnership(input: OwnershipInput): OwnershipStanding {
  const { currentTxt, thisWrite, expectedBefore, unconfirmedIntents } = input;
  if (currentTxt === null) {
    if (expectedBefore === null) return { kind: 'expected' };
    return drift(`the ownership TXT is gone; expected ${formatOwnership(expectedBefore)}`);
  }
  const parsed = parseOwnership(currentTxt);
  if (!parsed.ok) return drift(`the ownership TXT cannot be read: ${parsed.error}`);
  const current = parsed.value;
  if (current.cluster !== thisWrite.cluster || current.service !== thisWrite.service) {
    return drift(`the name belongs to service ${current.service} of cluster ${current.cluster}`);
  }
  if (isSameOwnership(current, thisWrite)) return { kind: 'done' };
  if (expectedBefore !== null && isSameOwnership(current, expectedBefore)) return { kind: 'expected' };
  if (unconfirmedIntents.some((intent) => isSameOwnership(intent, current))) return aboveIt(current);
  // After `recover` the number is above every one that was found; whatever an older generation wrote is ours to replace (S4).
  if (current.generation < thisWrite.generation) return aboveIt(current);
  const known = [thisWrite, ...unconfirmedIntents, ...(expectedBefore === null ? [] : [expectedBefore])];
  if (known.every((intent) => compareOwnership(current, intent) > 0)) {
    return {
      kind: 'stale',
      reason: `the ownership TXT is above every write in the store: ${formatOwnership(current)}`,
    };
  }
  return drift(`the ownership TXT is one that was replaced before: ${formatOwnership(current)}`);
}

function aboveIt(previous: Ownership): OwnershipStanding {
  return { kind: 'retryAbove', previous };
}

function drift(reason: string): OwnershipStanding {
  const remedy = 'Restore the record as oneup wrote it';
  return { kind: 'drift', refusal: { rule: 'S27.dns-drift', reason, remedy } };
}
