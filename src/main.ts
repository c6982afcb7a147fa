#!/usr/bin/env node
// The entry of oneup: takes what only a process has (arguments, environment, signals, clocks) and hands it to the CLI.
import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { createSystemClock } from './clock/system-clock.ts';

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));

const argv = process.argv.slice(2);
/** These run for years; whoever reads what they say, such as a log daemon that is started anew, may come and go. */
const isRole = argv[0] === 'run' || argv[0] === 'agent';

// A reader that went away, such as `head`, ends a command like Ctrl-C does; without this it would end with a stack trace.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (!isRole) stop.abort(new Error('stopped: nobody reads on'));
  });
}

const run = argv[0] === 'agent' ? await agentCli() : await wholeCli();

process.exitCode = await run(argv, {
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

async function agentCli() {
  return (await import('./cli/agent-program.ts')).runAgentCli;
}

async function wholeCli() {
  return (await import('./cli/program.ts')).runCli;
}
