// What the conformance suite of drivers asks of a world: a driver, a directory, and scripts written on the spot.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../../src/base/secret.ts';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import type { ActionConfig, ActionsConfig } from '../../src/config/config.ts';
import type { ActionCarrier, ActionCarriers } from '../../src/nodes/action-carrier.ts';
import { createNodeDriver } from '../../src/nodes/route-actions.ts';
import type { Logger } from '../../src/ports/logger.ts';
import type { NodeDriver } from '../../src/ports/node-driver.ts';

const SECRET = 'swordfish-0123456789';

export type DriverBench = AsyncDisposable & {
  readonly directory: string;
  readonly driver: NodeDriver;
  readonly actions: { -readonly [key in keyof ActionsConfig]: ActionsConfig[key] };
  readonly allow: (ms: number) => void;
  readonly path: (name: string) => string;
  readonly read: (name: string) => string;
  readonly exists: (name: string) => boolean;
  readonly script: (text: string, timeoutMs?: number) => ActionConfig;
};

export type CarrierDeps = {
  readonly directory: string;
  readonly clock: ReturnType<typeof createSystemClock>;
  readonly mayActUntilBootMs: () => number;
  readonly secrets: readonly Secret[];
  readonly parentEnv: Readonly<Record<string, string | undefined>>;
};

export type CarriedWorld = {
  readonly carriers: Partial<ActionCarriers>;
  /** The action that runs an executable file of the node. */
  readonly actionOf: (file: string, timeoutMs: number) => ActionConfig;
  readonly close: () => Promise<void>;
};

export async function openDriverBench(open: (deps: CarrierDeps) => Promise<CarriedWorld>): Promise<DriverBench> {
  const directory = mkdtempSync(join(tmpdir(), 'oneup-driver-'));
  const clock = createSystemClock();
  const deadline = { untilBootMs: clock.bootMs() + 120_000 };
  const parentEnv = { PATH: process.env.PATH, HOME: directory, LANG: 'C' };
  const mayActUntilBootMs = () => deadline.untilBootMs;
  const world = await open({ directory, clock, mayActUntilBootMs, secrets: [new Secret(SECRET)], parentEnv });
  const none = { start: null, stop: null, status: null, precheck: null, sync: null, resync: null };
  const actions: DriverBench['actions'] = { ...none, drain: null, undrain: null, fence: [] };
  const path = (name: string) => join(directory, name);
  let lastScript = 0;
  return {
    ...{ directory, actions, path },
    driver: createNodeDriver({
      clock,
      logger: SILENT,
      carriers: { exec: ABSENT, ssh: ABSENT, http: ABSENT, agent: ABSENT, ...world.carriers } as ActionCarriers,
      actionsOf: (_, node) => (node === 'nowhere' ? null : actions),
    }),
    allow: (ms) => {
      deadline.untilBootMs = clock.bootMs() + ms;
    },
    read: (name) => readFileSync(path(name), 'utf8'),
    exists: (name) => existsSync(path(name)),
    script: (text, timeoutMs = 10_000) => {
      lastScript += 1;
      const file = path(`script-${lastScript}`);
      writeFileSync(file, `#!/bin/sh\ncd ${directory}\n${text}\n`);
      chmodSync(file, 0o755);
      return world.actionOf(file, timeoutMs);
    },
    [Symbol.asyncDispose]: async () => {
      await world.close();
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function neverAsked(): never {
  throw new TypeError('Cannot carry: this world has no such driver');
}

const ABSENT: ActionCarrier<never> = {
  act: neverAsked,
  query: neverAsked,
  adopt: neverAsked,
  recall: neverAsked,
  wasFired: neverAsked,
  recordOff: neverAsked,
};

const SILENT: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => SILENT,
};
