// How one life of a prober's roles ends, in the words of the log.

export type LifeEnd = 'reconfigured' | 'storeLost' | 'stopped';

export const WHY_ENDED: Readonly<Record<LifeEnd, string>> = {
  reconfigured: 'another configuration is in force',
  storeLost: 'the store is lost',
  stopped: 'shutting down',
};

/** Resolves when the process is told to stop. */
export function whenStopped(signal: AbortSignal): Promise<'stopped'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('stopped');
    else signal.addEventListener('abort', () => resolve('stopped'), { once: true });
  });
}
