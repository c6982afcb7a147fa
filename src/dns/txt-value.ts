// Makes a TXT value out of any text: UTF-8, cut into character-strings of at most 255 octets (RFC 1035 section 3.3.14).
import { CHARACTER_STRING_MAX_OCTETS, formatCharacterString } from './character-string.ts';

/** One value for `Rrset.values`. An empty text gives one empty string, because TXT needs at least one. */
export function txtValue(text: string): string {
  const octets = new TextEncoder().encode(text);
  const strings: string[] = [];
  let start = 0;
  do {
    strings.push(formatCharacterString(octets.subarray(start, start + CHARACTER_STRING_MAX_OCTETS)));
    start += CHARACTER_STRING_MAX_OCTETS;
  } while (start < octets.length);
  return strings.join(' ');
}
