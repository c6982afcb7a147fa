// Durations as people write them ("250ms", "5s", "1h30m") and as the code holds them (whole milliseconds).
import { err, ok, type Result } from './result.ts';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Longest duration accepted; a year is longer than anything oneup waits for, and far from overflow. */
const DURATION_MAX_MS = 366 * 86_400_000;
const SHAPE = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;

/** Reads "250ms", "5s", "1.5h" or "1h30m" into milliseconds. A bare number is refused: its unit would be a guess. */
export function parseDuration(text: string): Result<number, string> {
  if (!SHAPE.test(text)) return err('expected a duration such as 250ms, 5s, 10m, 1h or 1h30m');
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(PART)) totalMs += Number(amount) * (UNIT_MS[unit ?? ''] ?? Number.NaN);
  if (totalMs > DURATION_MAX_MS) return err('expected a duration of at most 366d');
  return ok(Math.round(totalMs));
}

/** Writes milliseconds the way a person would: 250ms, 4.2s, 2m05s, 1h30m. Negative values keep their sign. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms < 1_000) return `${Math.round(ms)}ms`;
  if (ms < 60_000) return `${Number((ms / 1_000).toFixed(ms < 10_000 ? 2 : 1))}s`;
  const totalSeconds = Math.round(ms / 1_000);
  const seconds = String(totalSeconds % 60).padStart(2, '0');
  const minutes = Math.floor(totalSeconds / 60);
  if (minutes < 60) return seconds === '00' ? `${minutes}m` : `${minutes}m${seconds}s`;
  const rest = minutes % 60;
  return rest === 0 ? `${minutes / 60}h` : `${Math.floor(minutes / 60)}h${String(rest).padStart(2, '0')}m`;
}
