// Names of time zones, as the IANA database has them. An offset such as +01:00 would be wrong for half of the year.
import { err, ok } from '../../base/result.ts';
import { textValue } from './text-value.ts';

const REMEDY = 'Write UTC or a name such as Europe/Berlin';

export const timeZoneText = textValue({ kind: 'time zone', expected: 'a time zone such as Europe/Berlin' }, (text) => {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(text))
    return err({ reason: 'expected the name of a time zone', remedy: REMEDY });
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return ok(text);
  } catch {
    return err({ reason: 'this machine knows no time zone of this name', remedy: REMEDY });
  }
});
