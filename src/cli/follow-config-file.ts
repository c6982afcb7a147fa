// Whether this prober would come up again with the configuration in force (S7): its file is compared again and again, because
// it is other tools that keep files up to date.
import type { Clock, Timer } from '../base/clock.ts';
import type { ConfigStanding } from '../config/config-standing.ts';
import { fileDigest, type LoadedConfig } from '../config/load.ts';

export type FollowOptions = {
  readonly configFile: string;
  /** The configuration in force, as it was loaded. */
  readonly loaded: LoadedConfig;
  readonly standing: ConfigStanding;
  readonly clock: Clock;
  readonly onChange: (standing: ConfigStanding) => void;
  readonly signal: AbortSignal;
};

/** Files change a few times a month; drift is told after minutes. */
const LOOK_MS = 5_000;

/** Looks until the signal aborts. A record that cannot be loaded stays so until the next life: what it needs is read then. */
export function followConfigFile(options: FollowOptions): void {
  const { configFile, loaded, clock, onChange, signal } = options;
  if (options.standing === 'unloadable') return;
  let { standing } = options;
  let timer: Timer;
  const wait = () => {
    timer = clock.timer(LOOK_MS, () => {
      const found = fileDigest(configFile) === loaded.digest ? 'inForce' : 'differs';
      if (found !== standing) onChange(found);
      standing = found;
      wait();
    });
  };
  wait();
  signal.addEventListener('abort', () => timer.stop(), { once: true });
}
