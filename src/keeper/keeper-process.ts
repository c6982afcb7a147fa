// The entry of the keeper: a process of its own, because only one that outlives the agent can kill in its place (S16).
// Arguments: the state directory, then optionally --watchdog and the path of the device.

import { once } from 'node:events';
import { chmod, mkdir, rm } from 'node:fs/promises';
import type { Server } from 'node:net';
import { parseArgs } from 'node:util';
import { createSystemClock } from '../clock/system-clock.ts';
import { findProgram } from './find-tools.ts';
import { holdLock } from './hold-lock.ts';
import { judgeUnit } from './judge-unit.ts';
import { createKeeperLog, type KeeperLog } from './keeper-log.ts';
import { keeperPaths, PROTOCOL } from './keeper-protocol.ts';
import { KeptServices } from './kept-services.ts';
import { readBootId } from './process-table.ts';
import { type KeeperServer, type ServedKeeper, serveKeeper } from './serve-keeper.ts';
import { openLog, trimLog } from './service-log.ts';
import { chooseBinding } from './try-binding.ts';
import { UnitInstance } from './unit-instance.ts';
import { openWatchdog, type Watchdog } from './watchdog.ts';

/** What services get to end in order when the keeper is told to end. */
const LAST_GRACE_MS = 5_000;
const USAGE = 'Usage: keeper-process STATE_DIR [--watchdog PATH]';

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

async function main(args: readonly string[]): Promise<void> {
  const options = { watchdog: { type: 'string' } } as const;
  const { positionals, values } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [stateDir] = positionals;
  if (stateDir === undefined || positionals.length > 1) throw new Error(USAGE);
  await mkdir(stateDir, { recursive: true, mode: 0o711 });
  holdLock(keeperPaths(stateDir).lock);
  // Listening first: it keeps the process alive, and whoever started us waits for it. Requests wait until we know ourselves.
  const { promise: served, resolve: serve } = Promise.withResolvers<ServedKeeper>();
  const keeper = serveKeeper(served);
  await listen(keeper.server, keeperPaths(stateDir).socket);
  serve(await setUp(stateDir, { watchdogPath: values.watchdog ?? null, onExit: keeper.tellExit }));
}

async function setUp(
  stateDir: string,
  { watchdogPath, onExit }: { watchdogPath: string | null; onExit: KeeperServer['tellExit'] },
): Promise<ServedKeeper> {
  const logPath = keeperPaths(stateDir).log;
  const clock = createSystemClock();
  const log = createKeeperLog({ path: logPath, wallMs: clock.wallMs });
  const { launch, openRoom, binds, reason } = await chooseBinding(clock);
  const services = new KeptServices({
    clock,
    launch,
    openRoom,
    openUnit: (unit, how, onChange) => new UnitInstance(unit, how, { clock, systemctl: systemctlPath(), onChange }),
    log,
    onExit,
    openLog: (service) => openLog(`${stateDir}/${service}.log`),
    onTend: (names) => trimAll([logPath, ...names.map((name) => `${stateDir}/${name}.log`)]),
  });
  const lateMs = () => services.lateMs();
  const watchdog = watchdogPath === null ? null : await openWatchdog({ clock, path: watchdogPath, lateMs, log });
  endInOrder({ services, watchdog, log });
  const self = { protocol: PROTOCOL, pid: process.pid, bootId: readBootId(), binds, watchdog: watchdog !== null };
  log({ ...self, reason }, 'keeper is up');
  const judge: ServedKeeper['judgeUnit'] = (unit, isOurs) => judgeUnit({ systemctl: systemctlPath(), unit, isOurs });
  return { services, self, judgeUnit: judge };
}

/** We hold the lock, so whoever left a socket here is gone. Nobody else may speak to us. */
async function listen(server: Server, path: string): Promise<void> {
  await rm(path, { force: true });
  const umask = process.umask(0o177);
  server.listen(path);
  await once(server, 'listening');
  process.umask(umask);
  await chmod(path, 0o600);
}

function endInOrder(kept: { services: KeptServices; watchdog: Watchdog | null; log: KeeperLog }): void {
  const { services, watchdog, log } = kept;
  // A terminal or an agent that goes away is no reason to end.
  process.on('SIGHUP', () => {});
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, async () => {
      log({ signal }, 'keeper ends');
      await services.stopAll(LAST_GRACE_MS);
      await watchdog?.close();
      process.exit(0);
    });
  }
  // Fails closed also where nothing binds a service to us; the watchdog is left as it is.
  process.on('uncaughtException', (error) => {
    console.error(error);
    services.killNow();
    process.exit(1);
  });
}

/** Where it is not installed, the unit says that systemd does not answer. */
function systemctlPath(): string {
  return findProgram('systemctl') ?? '/usr/bin/systemctl';
}

function trimAll(paths: readonly string[]): void {
  for (const path of paths) void trimLog(path).catch(() => false);
}
