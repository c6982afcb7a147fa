// Which configuration a prober runs: the record in force, or its own file where that record cannot be loaded (S7).
import { formatProblems } from '../config/format-problems.ts';
import { type LoadedConfig, loadConfigText } from '../config/load.ts';
import type { Logger } from '../ports/logger.ts';

export type InForce = {
  readonly loaded: LoadedConfig;
  /** false: the record cannot be loaded here, so this prober neither campaigns nor leads. */
  readonly mayLead: boolean;
  /** This prober's file is another text than the record. */
  readonly differs: boolean;
};

export type InForceOptions = { readonly loaded: LoadedConfig; readonly configFile: string; readonly logger: Logger };

/** `text`: the record `config/current`, or undefined when there is none yet. */
export function configInForce(text: string | undefined, { loaded, configFile, logger }: InForceOptions): InForce {
  if (text === undefined || text === loaded.text) return { loaded, mayLead: true, differs: false };
  logger.warn(
    { remedy: 'oneup reload proposes the file; until then the record in force counts' },
    'the configuration file differs from the one in force',
  );
  const inForce = loadConfigText(text, configFile);
  if (inForce.ok) return { loaded: inForce.value, mayLead: true, differs: true };
  logger.error(
    { problems: formatProblems(inForce.error) },
    'the configuration in force cannot be loaded here; this prober does not lead',
  );
  return { loaded, mayLead: false, differs: true };
}
