// Reads domain names as people write them, with or without the last dot, into the absolute form of the core.
import type { DomainName } from '../base/ids.ts';
import { err, type Result } from '../base/result.ts';
import { canonicalName } from '../dns/canonical-name.ts';

/**
 * Letters, digits, dashes and underscores (RFC 1123 section 2.1, RFC 8552); `*` only as the whole first label and only
 * where `wildcard` says so (RFC 4592). Lower-cased, with trailing dot. The root is refused.
 */
export function parseDomainName(
  text: string,
  options: { readonly wildcard?: boolean } = {},
): Result<DomainName, string> {
  const labels = text.replace(/\.$/, '').split('.');
  for (const [index, label] of labels.entries()) {
    if (label === '*' && index === 0 && options.wildcard === true) continue;
    if (label === '') return err('expected a domain name such as www.example.com, without empty labels');
    if (!LABEL.test(label)) return err('expected a domain name of letters, digits, dashes and underscores');
  }
  return canonicalName(`${labels.join('.')}.`);
}

/** Whether `name` is `zone` or below it. Both absolute and lower case. */
export function isInZone(name: DomainName, zone: DomainName): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

const LABEL = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?$/;
