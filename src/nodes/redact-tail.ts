// Removes secrets from the tail of an output, also one whose front was cut off with the bytes before it.
import { redact, type Secret } from '../base/secret.ts';

/** `isCut` says that bytes before `text` were dropped, so that it may begin inside a secret. */
export function redactTail(text: string, { isCut, secrets }: { isCut: boolean; secrets: readonly Secret[] }): string {
  const whole = isCut ? text.slice(longestRemainder(text, secrets)) : text;
  return redact(whole, secrets);
}

function longestRemainder(text: string, secrets: readonly Secret[]): number {
  let longest = 0;
  for (const secret of secrets) {
    const value = secret.reveal();
    for (let from = 1; value.length - from > longest; from += 1) {
      if (text.startsWith(value.slice(from))) longest = value.length - from;
    }
  }
  return longest;
}
