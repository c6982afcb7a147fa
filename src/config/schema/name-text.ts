// Domain names in configuration: absolute with or without the last dot, normalised to the form of the core.
import { err } from '../../base/result.ts';
import { parseDomainName } from '../domain-name.ts';
import { textValue } from './text-value.ts';

export const nameText = textValue(
  { kind: 'domain name', expected: 'a domain name such as www.example.com' },
  (text) => {
    const name = parseDomainName(text);
    if (name.ok) return name;
    return err({ reason: name.error, remedy: remedyFor(text) });
  },
);

function remedyFor(text: string): string {
  if (text.includes('@')) return `Write the mailbox as a name: ${text.replace('@', '.')}`;
  if (/[^\p{ASCII}]/u.test(text)) return 'Write internationalised names in their xn-- form';
  return 'Write labels of 1 to 63 letters, digits and dashes, joined by dots, 253 characters in all';
}
