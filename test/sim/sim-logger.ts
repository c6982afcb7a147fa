// The log of a simulated process goes into the history of the run, warnings and errors only.
import type { Logger } from '../../src/ports/logger.ts';
import type { History } from './history.ts';

export function loggerFor(id: string, history: History): Logger {
  const say = (level: string) => (data: object, message: string) => {
    const { err, reason } = data as { readonly err?: Error; readonly reason?: string };
    history.note(() => `${level} ${id} ${message} ${err?.message ?? reason ?? ''}`);
    if (level === 'ERROR') history.count('fate', 'controller error');
  };
  const logger: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: say('WARN'),
    error: say('ERROR'),
    child: () => logger,
  };
  return logger;
}
