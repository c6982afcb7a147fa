// The Logger port over pino: one JSON line for each decision, on standard error, synchronously so that the last line before a
// crash is there. Secrets cannot reach it: they are a type that prints as ***.
import { pino } from 'pino';
import type { Logger } from '../ports/logger.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export function createLogger(options: { readonly level: LogLevel; readonly prober: string }): Logger {
  const destination = pino.destination({ dest: 2, sync: true });
  return pino(
    { level: options.level, base: { prober: options.prober }, timestamp: pino.stdTimeFunctions.isoTime },
    destination,
  );
}
