// Which configuration a prober runs: the record in force, or its own file where that record cannot be loaded (S7).
import { err, ok, type Result } from '../base/result.ts';
import type { Config } from '../config/config.ts';
import { configDigest } from '../config/config-digest.ts';
import type { ConfigStanding } from '../config/config-standing.ts';
import { formatProblems } from '../config/format-problems.ts';
import { fileDigest, type LoadedConfig, loadConfigText } from '../config/load.ts';
import type { Logger } from '../ports/logger.ts';

export type InForce = {
  readonly loaded: LoadedConfig;
  readonly standing: ConfigStanding;
  /** Of the record, whether it can be loaded here or not; null where there is none. */
  readonly inForceDigest: string | null;
};

export type InForceOptions = { readonly loaded: LoadedConfig; readonly configFile: string; readonly logger: Logger };

/** `text`: the record `config/current`, or undefined when there is none yet. */
export function configInForce(text: string | undefined, { loaded, configFile, logger }: InForceOptions): InForce {
  if (text === undefined) return { loaded, standing: 'inForce', inForceDigest: null };
  const inForceDigest = configDigest(text);
  if (text === loaded.text) return { loaded, standing: 'inForce', inForceDigest };
  const inForce = loadConfigText(text, configFile);
  if (inForce.ok) {
    // The file may have been written anew since this process began, and be what was proposed.
    if (fileDigest(configFile) === inForceDigest) return { loaded: inForce.value, standing: 'inForce', inForceDigest };
    logger.warn(
      { remedy: 'oneup reload proposes the file; until then the record in force counts' },
      'the configuration file differs from the one in force',
    );
    return { loaded: inForce.value, standing: 'differs', inForceDigest };
  }
  const remedy = 'Give this prober the variables and files that the record names, or its release, then restart it';
  logger.error(
    { problems: formatProblems(inForce.error), remedy },
    'the configuration in force cannot be loaded here; this prober neither votes nor leads',
  );
  return { loaded, standing: 'unloadable', inForceDigest };
}

/** A text as this prober loads it, or what is wrong with it. */
export function loadedConfig(text: string, configFile: string): Result<Config, string> {
  const loaded = loadConfigText(text, configFile);
  return loaded.ok ? ok(loaded.value.config) : err(formatProblems(loaded.error));
}
