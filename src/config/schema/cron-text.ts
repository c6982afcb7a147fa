// Patterns of repeating instants, as node-cron reads them: what it could not schedule later is refused now.
import { validate } from 'node-cron';
import { err, ok } from '../../base/result.ts';
import { textValue } from './text-value.ts';

/** Five or six fields; nicknames such as @daily hide at which hour a service would move. */
export const cronText = textValue({ kind: 'cron pattern', expected: 'a cron pattern such as 0 3 * * *' }, (text) => {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 5 && fields.length !== 6) {
    return err({ reason: `expected a cron pattern of 5 or 6 fields, this one has ${fields.length}`, remedy: REMEDY });
  }
  const pattern = fields.join(' ');
  return validate(pattern) ? ok(pattern) : err({ reason: 'no instant fits this cron pattern', remedy: REMEDY });
});

const REMEDY = 'Write minute, hour, day of month, month and day of week, such as 0 3 * * *';
