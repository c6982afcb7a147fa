// One leaf of the schema: a text that means something. Ties a reader of texts to zod, with its own words for what was
// expected, so that messages speak of durations and names rather than of strings.
import * as z from 'zod';
import type { Result } from '../../base/result.ts';

export type TextFault = { readonly reason: string; readonly remedy: string };

/** A text read by `read`. `kind` names it in the reference; `expected` completes "expected ..." for what is no text. */
export function textValue<T>(
  { kind, expected }: { readonly kind: string; readonly expected: string },
  read: (text: string) => Result<T, TextFault>,
) {
  const text = z.string({ error: () => `expected ${expected}` }).meta({ title: kind });
  return text.transform((text, context) => {
    const result = read(text);
    if (result.ok) return result.value;
    context.addIssue({ code: 'custom', message: result.error.reason, params: { remedy: result.error.remedy } });
    return z.NEVER;
  });
}
