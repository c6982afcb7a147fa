// The digest by which probers compare configurations (S7): of the text as it is stored, before any ${...} is replaced.
import { createHash } from 'node:crypto';

/** SHA-256 in lower-case hex. */
export function configDigest(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
