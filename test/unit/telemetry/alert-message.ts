// An alert with everything in it, for tests that say what differs; and a logger that keeps what it is told.
import type { AlertMessage } from '../../../src/ports/alerter.ts';
import type { Logger } from '../../../src/ports/logger.ts';

export function alertMessage(change: Partial<AlertMessage> = {}): AlertMessage {
  return {
    id: 'web:S17.proof-missing:op-7',
    cluster: 'prod',
    service: 'web',
    level: 'critical',
    state: 'open',
    count: 1,
    subject: 'web: nothing proves that a is down',
    rule: 'S17.proof-missing',
    reason: 'nothing proves that a is down',
    remedy: 'Look at a, then confirm that it is down',
    wallMs: 1_767_225_600_000,
    prober: 'p1',
    ...change,
  };
}

export type LogLine = { readonly level: string; readonly data: object; readonly message: string };

export function createMemoryLogger(): { readonly logger: Logger; readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  const write = (level: string) => (data: object, message: string) => void lines.push({ level, data, message });
  const logger: Logger = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => logger,
  };
  return { logger, lines };
}
