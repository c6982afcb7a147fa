// Whom `oneup recover` asks: everybody that the file at hand or the record in force lists. A file that differs is an ordinary
// state (S7), and a prober that only one of them knows may have seen more than the store shows (S4).
import { OneupError } from '../base/oneup-error.ts';
import { storeKeys } from '../base/store-keys.ts';
import type { Config } from '../config/config.ts';
import { formatProblems } from '../config/format-problems.ts';
import { type LoadedConfig, loadConfigText } from '../config/load.ts';
import type { Store } from '../ports/store.ts';

export type RecoverScope = {
  /** Probers, services and zones of both. */
  readonly config: Config;
  /** What the probers will run with: the record, or the file where there is none. */
  readonly inForce: Config;
  /** What differs between the two, for people; empty where nothing does. */
  readonly differs: readonly string[];
};

/** Throws ONEUP_REFUSED for a record that cannot be loaded here: nobody could say whom it lists. */
export async function recoverScope(store: Store, file: LoadedConfig, configFile: string): Promise<RecoverScope> {
  const record = await store.get(storeKeys(file.config.cluster.name).config);
  if (record === null || record.value === file.text) return { config: file.config, inForce: file.config, differs: [] };
  const loaded = loadConfigText(record.value, configFile);
  if (!loaded.ok) {
    const reason = `the configuration in force cannot be loaded here, and may list probers that this file does not`;
    throw new OneupError(
      'ONEUP_REFUSED',
      `Cannot recover: S7.cannot-load: ${reason}: ${formatProblems(loaded.error)}`,
      {
        remedy: 'Give this machine the variables and files that it names, or run it where they are',
      },
    );
  }
  const inForce = loaded.value.config;
  return { config: union(file.config, inForce), inForce, differs: differences(file.config, inForce) };
}

/** Where both list the same id, what the file says of it counts: it is what the operator has in hand. */
function union(file: Config, record: Config): Config {
  return {
    ...file,
    cluster: { ...file.cluster, probers: withMore(file.cluster.probers, record.cluster.probers, ({ id }) => id) },
    providers: withMore(file.providers, record.providers, ({ name }) => name),
    dns: { ...file.dns, zones: withMore(file.dns.zones, record.dns.zones, ({ name }) => name) },
    services: withMore(file.services, record.services, ({ id }) => id),
  };
}

function withMore<T>(first: readonly T[], second: readonly T[], nameOf: (item: T) => string): readonly T[] {
  const known = new Set(first.map(nameOf));
  return [...first, ...second.filter((item) => !known.has(nameOf(item)))];
}

function differences(file: Config, record: Config): readonly string[] {
  const names = (config: Config) => [
    ...config.cluster.probers.map(({ id }) => `prober ${id}`),
    ...config.services.flatMap(({ id, nodes }) => [
      `service ${id}`,
      ...nodes.map((node) => `node ${node.id} of ${id}`),
    ]),
    ...config.dns.zones.map(({ name }) => `zone ${name}`),
  ];
  const [inFile, inRecord] = [names(file), names(record)];
  const onlyRecord = inRecord.filter((name) => !inFile.includes(name));
  const onlyFile = inFile.filter((name) => !inRecord.includes(name));
  const lines = [
    ...(onlyRecord.length > 0 ? [`only the configuration in force lists ${onlyRecord.join(', ')}`] : []),
    ...(onlyFile.length > 0 ? [`only the file lists ${onlyFile.join(', ')}`] : []),
  ];
  return lines.length > 0 ? lines : ['both list the same probers, services and nodes'];
}
