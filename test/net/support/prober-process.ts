// The entry of a prober of the network tests: what `oneup run` does, with a driver that acts over ssh and a configuration that
// is read without the rule which would refuse an exec start here (S13). Arguments: prober, directory of the test.
import { randomUUID } from 'node:crypto';
import { runProber } from '../../../src/cli/run-prober.ts';
import { createSystemClock } from '../../../src/clock/system-clock.ts';
import type { ControllerPorts } from '../../../src/controller/controller-deps.ts';
import { createLogger } from '../../../src/telemetry/pino-logger.ts';
import { CONFIG_FILE, loadNetConfig } from './net-config.ts';
import { createSshDriver } from './ssh-driver.ts';

const [id = '', directory = ''] = process.argv.slice(2);
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));
}

const loaded = loadNetConfig();
const prober = loaded.config.cluster.probers.find((candidate) => candidate.id === id);
if (prober === undefined) throw new RangeError(`Cannot run a prober: the configuration has no ${id}`);
const clock = createSystemClock();

/** The right to act goes to the driver too: it holds back an action whose connection came up too late (S8). */
function actOverSsh(ports: ControllerPorts): ControllerPorts {
  let untilBootMs = 0;
  const options = { directory, prober: id, clock, mayActUntilBootMs: () => untilBootMs };
  return {
    ...ports,
    driver: (service, node) => createSshDriver(ports.driver(service, node), options),
    extendDeadline: (mayActUntilBootMs) => {
      untilBootMs = mayActUntilBootMs;
      ports.extendDeadline(mayActUntilBootMs);
    },
  };
}

await runProber(
  { configFile: CONFIG_FILE, loaded, prober },
  {
    clock,
    logger: createLogger({ level: 'info', prober: id }),
    parentEnv: process.env,
    uniqueId: randomUUID,
    signal: stop.signal,
    pid: process.pid,
    wrapPorts: actOverSsh,
  },
);
