// A bench for the exec driver: a state directory, a real runner, a real clock, and scripts written on the spot.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../../src/base/secret.ts';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import type { ActionsConfig, ExecActionConfig } from '../../src/config/config.ts';
import type { ActionCarriers } from '../../src/nodes/action-carrier.ts';
import { createExecCarrier } from '../../src/nodes/exec/exec-carrier.ts';
import { type Runner, startRunner } from '../../src/nodes/exec/start-runner.ts';
import { createHttpCarrier } from '../../src/nodes/http/http-carrier.ts';
import { createNodeDriver } from '../../src/nodes/route-actions.ts';
import { createSshCarrier } from '../../src/nodes/ssh/ssh-carrier.ts';
import type { Logger } from '../../src/ports/logger.ts';
import type { ActionContext, NodeDriver } from '../../src/ports/node-driver.ts';
import { createRunCommand } from '../../src/probe/run-command.ts';

export type ExecBench = AsyncDisposable & {
  readonly directory: string;
  readonly guardPath: string;
  readonly runner: Runner;
  readonly driver: NodeDriver;
  readonly actions: { -readonly [key in keyof ActionsConfig]: ActionsConfig[key] };
  readonly clock: ReturnType<typeof createSystemClock>;
  /** Milliseconds from now until which the controller may act. */
  readonly allow: (ms: number) => void;
  /** Path of a file in the bench's directory. */
  readonly path: (name: string) => string;
  readonly read: (name: string) => string;
  readonly exists: (name: string) => boolean;
  /** Writes an executable script and returns the action that runs it. */
  readonly script: (text: string, timeoutMs?: number) => ExecActionConfig;
};

export const SECRET = 'swordfish-0123456789';

let lastScript = 0;

export async function openExecBench({
  guardPath,
  entry,
  killMs,
}: {
  guardPath?: string;
  entry?: string;
  killMs?: number;
} = {}): Promise<ExecBench> {
  const directory = mkdtempSync(join(tmpdir(), 'oneup-exec-'));
  const clock = createSystemClock();
  const parentEnv = { PATH: process.env.PATH, HOME: directory, LANG: 'C' };
  const guard = guardPath ?? join(directory, 'guard.db');
  const runner = await startRunner({
    clock,
    guardPath: guard,
    parentEnv,
    ...(entry === undefined ? {} : { entry }),
    ...(killMs === undefined ? {} : { killMs }),
  }).catch((error) => {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  });
  const deadline = { untilBootMs: clock.bootMs() + 600_000 };
  const actions: ExecBench['actions'] = {
    ...{
      start: null,
      stop: null,
      status: null,
      precheck: null,
      sync: null,
      resync: null,
      drain: null,
      undrain: null,
      fence: [],
    },
  };
  const path = (name: string) => join(directory, name);
  const mayActUntilBootMs = () => deadline.untilBootMs;
  const shared = { clock, mayActUntilBootMs, secrets: [new Secret(SECRET)], parentEnv };
  const driver = createNodeDriver({
    clock,
    logger: SILENT,
    carriers: {
      exec: createExecCarrier({ ...shared, runner, runCommand: createRunCommand({ clock }), guardPath: guard }),
      ssh: createSshCarrier(shared),
      http: createHttpCarrier(shared),
      // No node of a bench has an agent.
      agent: {} as ActionCarriers['agent'],
    },
    actionsOf: (_, node) => (node === 'nowhere' ? null : actions),
  });
  return {
    ...{ directory, guardPath: guard, runner, driver, actions, clock, path },
    allow: (ms) => {
      deadline.untilBootMs = clock.bootMs() + ms;
      runner.setDeadline(deadline.untilBootMs);
    },
    read: (name) => readFileSync(path(name), 'utf8'),
    exists: (name) => existsSync(path(name)),
    script: (text, timeoutMs = 20_000) => {
      lastScript += 1;
      const file = path(`script-${lastScript}`);
      writeFileSync(file, `#!/bin/sh\ncd ${directory}\n${text}\n`);
      chmodSync(file, 0o755);
      return { driver: 'exec', timeoutMs, command: { argv: [file], env: [], cwd: null } };
    },
    [Symbol.asyncDispose]: async () => {
      await runner[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export function contextAt(step: number, change: Partial<ActionContext> = {}): ActionContext {
  const ids = { cluster: 'prod', service: 'web', node: 'a', opId: 'op-1', from: 'b', to: null };
  return { ...ids, generation: 1, epoch: 1, step, ...change };
}

export const NEVER = new AbortController().signal;

/** A shell that starts one more takes milliseconds, and seconds beside other work; below the time that a unit test may take. */
const PATIENCE_MS = 30_000;

/** Asks every 20 ms. */
export async function eventually(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (!(await isTrue())) {
    if (performance.now() > until) throw new Error(`Cannot wait any longer: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function isProcessAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

const SILENT: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => SILENT,
};
