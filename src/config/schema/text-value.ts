// One leaf of the schema: a text that means something. Ties a reader of texts to zod, with its own words for what was
// expected, so that messages speak of durations and names rather than of strings.
import * as z from 'zod';
import type { Result } from '../../base/result.ts';

export type TextFault = { readonly reason: string; readonly remedy: string };

/** A text read by `read`; `expected` completes "expected ..." for values that are no text at all. */
export function textValue<T>(expected: string, read: (text: string) => Result<T, TextFault>) {
  return z.string({ error: () => `expected ${expected}` }).transform((text, context) => {
    const result = read(text);
    if (result.ok) return result.value;
    context.addIssue({ code: 'custom', message: result.error.reason, params: { remedy: result.error.remedy } });
    return z.NEVER;
  });
}
