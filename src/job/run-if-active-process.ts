#!/usr/bin/env node
// The entry of run-if-active as a program of its own. Crontabs begin it every minute on every node, so it loads nothing but
// itself: no packages, no configuration.
import { readBootMs } from '../clock/boot-clock.ts';
import { createSystemClock } from '../clock/system-clock.ts';
import { forwardSignals } from './forward-signals.ts';
import { runIfActive } from './run-if-active.ts';
import { parseRunOptions, USAGE } from './run-options.ts';

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  try {
    const options = parseRunOptions(args);
    if (options === null) {
      process.stdout.write(USAGE);
      return 0;
    }
    using clock = createSystemClock();
    return await runIfActive(options, { clock, readBootMs, env: process.env, say, onSignal: forwardSignals });
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return 1;
  }
}
