// A map with a fixed set of keys. Unknown ones are refused, and the message carries the known ones.
import * as z from 'zod';

/** Between the known keys in the message of an `unrecognized_keys` issue; find-schema-faults splits it again. */
export const KEY_SEPARATOR = ' ';

export function strictKeys<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape).join(KEY_SEPARATOR);
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? known : undefined),
  });
}
