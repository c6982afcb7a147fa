// The syntax of values by type. "Supported DNS record types",
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html
import { isIPv4, isIPv6 } from 'node:net';
import { storedName } from './record-name.ts';

/** The fault of a value in the words of the service, or null. Types that are not judged here are taken as they are. */
export function findValueFault(type: string, value: string): string | null {
  const fault = FAULTS[type]?.(value) ?? null;
  return fault === null ? null : `Invalid Resource Record: 'FATAL problem: ${fault} encountered with '${value}''`;
}

const FAULTS: Readonly<Record<string, (value: string) => string | null>> = {
  A: (value) => (isIPv4(value) ? null : 'ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)'),
  AAAA: (value) =>
    isIPv6(value) && !value.includes('%') ? null : 'AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)',
  CNAME: nameFault,
  NS: nameFault,
  PTR: nameFault,
  MX: (value) => numbersThenName(value, 1),
  SRV: (value) => numbersThenName(value, 3),
  TXT: textFault,
  SPF: textFault,
  CAA: (value) =>
    /^(?:0|128) [a-zA-Z0-9]+ "[^"]*"$/.test(value) ? null : 'CAARRDATAInvalid (Value is not a valid CAA)',
};

function nameFault(value: string): string | null {
  const name = storedName(value);
  return name.ok ? null : name.error;
}

function numbersThenName(value: string, count: number): string | null {
  const words = value.split(' ');
  const numbers = words.slice(0, -1);
  const isSound = numbers.length === count && numbers.every((word) => /^[0-9]+$/.test(word) && Number(word) <= 65_535);
  return isSound ? nameFault(words.at(-1) ?? '') : 'RRDATAInvalid (Value is not a valid record)';
}

const TEXT_MAX = 255;

/** Strings in quotation marks with a space between them, each of at most 255 characters; octal escapes count as one. */
function textFault(value: string): string | null {
  if (!value.startsWith('"') || !value.endsWith('"') || value.length < 2)
    return 'InvalidCharacterString (Value should be enclosed in quotation marks)';
  if (!/^"(?:\\[0-3][0-7]{2}|\\[\\"]|[ !#-[\]-~])*"(?: +"(?:\\[0-3][0-7]{2}|\\[\\"]|[ !#-[\]-~])*")*$/.test(value))
    return 'InvalidCharacterString (Value contains unescaped or unsupported characters)';
  const strings = value.match(/"(?:\\.|[^"\\])*"/g) ?? [];
  const isTooLong = strings.some((text) => text.slice(1, -1).replace(/\\(?:[0-3][0-7]{2}|.)/g, 'x').length > TEXT_MAX);
  return isTooLong ? 'CharacterStringTooLong (Value is too long)' : null;
}
