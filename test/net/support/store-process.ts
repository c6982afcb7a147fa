// Opens the store of the network tests inside a namespace: `init` makes the cluster, `dump` prints every record as JSON.
import { randomUUID } from 'node:crypto';
import { storeKeys } from '../../../src/base/store-keys.ts';
import type { AppDeps } from '../../../src/cli/app-deps.ts';
import { openStore } from '../../../src/cli/open-store.ts';
import { createSystemClock } from '../../../src/clock/system-clock.ts';
import { initialiseCluster } from '../../../src/store/cluster-record.ts';
import { createLogger } from '../../../src/telemetry/pino-logger.ts';
import { loadNetConfig } from './net-config.ts';

const TRIES = 60;
const PAUSE_MS = 500;

const [word = ''] = process.argv.slice(2);
const { config, text } = loadNetConfig();
const clock = createSystemClock();
const deps: AppDeps = {
  clock,
  logger: createLogger({ level: 'silent', prober: word }),
  parentEnv: {},
  uniqueId: randomUUID,
  signal: new AbortController().signal,
  pid: process.pid,
};

/** Members of etcd that have just been started, or have just lost each other, need a while to agree. */
async function patiently<T>(act: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      if (tries >= TRIES) throw error;
      await clock.sleep(PAUSE_MS, { signal: deps.signal });
    }
  }
}

await using store = await patiently(() => openStore(config, deps, { create: word === 'init' }));
if (word === 'init') {
  const services = config.services.map(({ id, nodes }) => ({ id, nodes: nodes.map((node) => node.id) }));
  await initialiseCluster(store, { cluster: config.cluster.name, configText: text, services, highestSeen: 0 });
} else {
  const { entries } = await patiently(() => store.list(storeKeys(config.cluster.name).root));
  process.stdout.write(JSON.stringify(entries.map(({ key, value, version }) => ({ key, value, version }))));
}
