// Names as the service keeps them: lower case, absolute, and every octet but a-z, 0-9, hyphen and underscore as an escape of
// three octal digits. "DNS domain name format",
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
import { err, ok, type Result } from '../../../src/base/result.ts';

const LABEL_MAX_OCTETS = 63;
const NAME_MAX_OCTETS = 255;

/** The stored spelling of a name, or what is wrong with it. A dot at the end may be left out. */
export function storedName(text: string): Result<string, string> {
  if (text === '') return err('DomainLabelEmpty (Domain label is empty)');
  const labels: number[][] = [[]];
  const source = text.endsWith('.') && !text.endsWith('\\.') ? text.slice(0, -1) : text;
  for (let index = 0; index < source.length; index += 1) {
    const character = source[index] ?? '';
    const octal = /^\\([0-3][0-7]{2})/.exec(source.slice(index));
    if (character === '.') labels.push([]);
    else if (octal !== null) {
      labels.at(-1)?.push(Number.parseInt(octal[1] ?? '', 8));
      index += 3;
    } else if (character === '\\' || character <= ' ' || character > '~')
      return err('UnsupportedCharacter (Value contains unsupported characters)');
    else labels.at(-1)?.push(character.charCodeAt(0));
  }
  if (labels.some((label) => label.length === 0)) return err('DomainLabelEmpty (Domain label is empty)');
  if (labels.some((label) => label.length > LABEL_MAX_OCTETS))
    return err('DomainLabelTooLong (Domain label is too long)');
  if (labels.reduce((sum, label) => sum + label.length + 1, 1) > NAME_MAX_OCTETS)
    return err('DomainNameTooLong (Domain name is too long)');
  return ok(`${labels.map((label) => label.map(storedOctet).join('')).join('.')}.`);
}

function storedOctet(octet: number): string {
  const character = String.fromCharCode(octet).toLowerCase();
  return /^[a-z0-9_-]$/.test(character) ? character : `\\${octet.toString(8).padStart(3, '0')}`;
}

/**
 * What names are sorted by: the labels reversed, with the dot at the end. "ListResourceRecordSets", sort order,
 * https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html
 */
export function sortKey(name: string): string {
  return `${name.slice(0, -1).split('.').toReversed().join('.')}.`;
}
