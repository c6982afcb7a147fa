// Durations in configuration: text with a unit in, milliseconds out, inside bounds that every timer can hold.
import { formatDuration, parseDuration } from '../../base/duration.ts';
import { err, ok } from '../../base/result.ts';
import { textValue } from './text-value.ts';

/** Timers of Node fire at once beyond 2^31 - 1 ms (24.8 days); waits derived from a value add to it, so this is less. */
export const DURATION_MAX_MS = 14 * 86_400_000;

/** `minMs` and `maxMs` are inclusive. */
export function durationText({ minMs = 0, maxMs = DURATION_MAX_MS }: { minMs?: number; maxMs?: number } = {}) {
  return textValue({ kind: 'duration', expected: EXPECTED }, (text) => {
    const duration = parseDuration(text);
    if (!duration.ok) return err({ reason: duration.error, remedy: remedyFor(text) });
    if (duration.value >= minMs && duration.value <= maxMs) return ok(duration.value);
    const range = `from ${formatDuration(minMs)} to ${formatDuration(maxMs)}`;
    return err({ reason: `expected a duration ${range}`, remedy: `Write a duration ${range}` });
  });
}

const EXPECTED = 'a duration such as 250ms, 5s, 10m or 1h30m';

function remedyFor(text: string): string {
  return /^\d+$/.test(text) ? `Add the unit, for example ${text}s` : 'Write a number and a unit: ms, s, m, h or d';
}
