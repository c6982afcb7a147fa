// The one spelling of a name that maps and store keys use: lower case (RFC 4343), with the shortest escapes.
import type { DomainName } from '../base/ids.ts';
import { ok, type Result } from '../base/result.ts';
import { formatName, parseName } from './domain-name.ts';
import { lowerCaseName } from './lower-case-name.ts';

/** Canonical text of an absolute name; two names are the same name exactly when these texts are equal. */
export function canonicalName(text: string): Result<DomainName, string> {
  const wire = parseName(text);
  return wire.ok ? ok(formatName(lowerCaseName(wire.value))) : wire;
}
