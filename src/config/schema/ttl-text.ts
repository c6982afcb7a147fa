// TTLs in configuration: durations of whole seconds, as DNS knows no shorter ones (RFC 1035 section 3.2.1).
import { parseDuration } from '../../base/duration.ts';
import { err, ok } from '../../base/result.ts';
import { textValue } from './text-value.ts';

/** Longer TTLs are cut by many resolvers (RFC 8767 section 4 advises a week), and a failover would wait for them. */
const TTL_MAX_SECONDS = 7 * 86_400;

/** Seconds; `minSeconds` is 1 for managed names, as a TTL of 0 makes every client ask for every connection. */
export function ttlText({ minSeconds = 1, maxSeconds = TTL_MAX_SECONDS } = {}) {
  return textValue({ kind: 'TTL', expected: 'a duration of whole seconds such as 20s or 5m' }, (text) => {
    const duration = parseDuration(text);
    if (!duration.ok) return err({ reason: duration.error, remedy: 'Write a number and a unit: s, m, h or d' });
    const seconds = duration.value / 1_000;
    if (Number.isInteger(seconds) && seconds >= minSeconds && seconds <= maxSeconds) return ok(seconds);
    return err({
      reason: `expected whole seconds from ${minSeconds}s to ${maxSeconds}s`,
      remedy: `Write whole seconds from ${minSeconds}s to ${maxSeconds}s`,
    });
  });
}
