// Whether every prober would come up again with the configuration in force (S7): a file that has been another text for long,
// or a record that a prober cannot load, is told once in a term to those who can mend it.
import type { Timer } from '../base/clock.ts';
import type { ProberId } from '../base/ids.ts';
import type { ConfigStanding } from '../config/config-standing.ts';
import type { Alert } from '../failover/machine-effect.ts';
import type { ControllerDeps } from './controller-deps.ts';
import { isMember } from './membership.ts';

type DriftDeps = Pick<ControllerDeps, 'view' | 'keys' | 'config' | 'clock'> & {
  readonly alert: (alert: Alert) => void;
};

type Since = { readonly standing: ConfigStanding; readonly timer: Timer };

/** Looks on every change of a prober's record until the returned function is called. Reads only. */
export function watchConfigDrift(deps: DriftDeps): () => void {
  const { view, keys, clock, config } = deps;
  const known = new Map<ProberId, Since>();
  const look = () => {
    const seen = new Map(readStandings(deps));
    for (const [prober, { standing, timer }] of known) {
      if (seen.get(prober) === standing) continue;
      timer.stop();
      known.delete(prober);
    }
    for (const [prober, standing] of seen) {
      if (standing === 'inForce' || known.has(prober)) continue;
      // Files follow a reload within minutes; what cannot be loaded is a prober less that may lead, from now on.
      const afterMs = standing === 'unloadable' ? 0 : config.cluster.timing.driftAfterMs;
      known.set(prober, { standing, timer: clock.timer(afterMs, () => deps.alert(alertOf(prober, standing))) });
    }
  };
  const stop = view.onChange(keys.probers, look);
  look();
  return () => {
    stop();
    for (const { timer } of known.values()) timer.stop();
  };
}

function readStandings({
  view,
  keys,
  config,
}: Pick<DriftDeps, 'view' | 'keys' | 'config'>): readonly (readonly [ProberId, ConfigStanding])[] {
  return view.list(keys.probers).flatMap(({ key, value }) => {
    const id = key.slice(keys.probers.length);
    const standing = readStanding(value);
    return standing === null || !isMember(config, id) ? [] : [[id, standing] as const];
  });
}

/** Null for a record without it: of an older release, or damaged. */
function readStanding(text: string): ConfigStanding | null {
  try {
    return (JSON.parse(text) as { readonly configStanding?: ConfigStanding } | null)?.configStanding ?? null;
  } catch {
    return null;
  }
}

function alertOf(prober: ProberId, standing: Exclude<ConfigStanding, 'inForce'>): Alert {
  const [subject, rule, reason, remedy] =
    standing === 'differs'
      ? ([
          `prober ${prober}: its configuration file is not the one in force`,
          'S7.config-differs',
          `the file of ${prober} has been another text than the record in force for long; the record counts, the file is ignored`,
          'Bring the file up to date, or propose it with oneup reload',
        ] as const)
      : ([
          `prober ${prober}: cannot load the configuration in force`,
          'S7.cannot-load',
          `${prober} runs with its own file and neither votes nor leads; its log says what it cannot load`,
          'Upgrade that prober, or give it the variables and files that the configuration names',
        ] as const);
  return { id: null, state: 'event', count: 1, level: 'warning', subject, refusal: { rule, reason, remedy } };
}
