#!/usr/bin/env node
// The entry of oneup: takes what only a process has (arguments, environment, signals, clocks) and hands it to the CLI.
import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { runCli } from './cli/program.ts';
import { createSystemClock } from './clock/system-clock.ts';

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));

process.exitCode = await runCli(process.argv.slice(2), {
  console: {
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(text),
    isInteractive: process.stderr.isTTY === true,
  },
  clock: createSystemClock(),
  parentEnv: process.env,
  actor: userInfo().username,
  pid: process.pid,
  uniqueId: randomUUID,
  signal: stop.signal,
});
