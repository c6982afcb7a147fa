// The entry of a prober of the network tests: what `oneup run` does, with a logger of its own. Argument: prober.
import { randomUUID } from 'node:crypto';
import { runProber } from '../../../src/cli/run-prober.ts';
import { createSystemClock } from '../../../src/clock/system-clock.ts';
import { createLogger } from '../../../src/telemetry/pino-logger.ts';
import { CONFIG_FILE, loadNetConfig } from './net-config.ts';

const [id = ''] = process.argv.slice(2);
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));
}

const loaded = loadNetConfig();
const prober = loaded.config.cluster.probers.find((candidate) => candidate.id === id);
if (prober === undefined) throw new RangeError(`Cannot run a prober: the configuration has no ${id}`);
const clock = createSystemClock();

await runProber(
  { configFile: CONFIG_FILE, loaded, prober },
  {
    clock,
    logger: createLogger({ level: 'info', prober: id }),
    parentEnv: process.env,
    uniqueId: randomUUID,
    signal: stop.signal,
    pid: process.pid,
  },
);
