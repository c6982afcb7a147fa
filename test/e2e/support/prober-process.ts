// The entry of a prober with fault points: what `oneup run` does, with wrappers around its store and its ports that only this
// file can pass. The process kills or stops itself where a file in its directory says so.
import { randomUUID } from 'node:crypto';
import { runProber } from '../../../src/cli/run-prober.ts';
import { createSystemClock } from '../../../src/clock/system-clock.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { createLogger } from '../../../src/telemetry/pino-logger.ts';
import { createFaultPoints } from './fault-point.ts';

const [id = ''] = process.argv.slice(2);
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));
}

const loaded = loadConfig('oneup.yaml');
const prober = loaded.ok ? loaded.value.config.cluster.probers.find((candidate) => candidate.id === id) : undefined;
if (!loaded.ok || prober === undefined) throw new Error(`Cannot run a prober of this configuration, value was ${id}`);
const options = { configFile: 'oneup.yaml', loaded: loaded.value, prober };
await runProber(options, {
  clock: createSystemClock(),
  logger: createLogger({ level: 'info', prober: id }),
  parentEnv: process.env,
  uniqueId: randomUUID,
  signal: stop.signal,
  pid: process.pid,
  ...createFaultPoints(process.cwd()),
});
