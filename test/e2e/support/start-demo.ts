// Runs the demo as a stranger does: a process of its own, and what it prints.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { REPOSITORY } from '../../support/house/source-tree.ts';

export type Demo = {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly text: () => string;
  /** Resolves with all output so far once it matches; rejects when the demo ends before. */
  readonly shows: (pattern: RegExp) => Promise<string>;
};

export function startDemo(args: readonly string[]): Demo {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(process.execPath, [join(REPOSITORY, 'test/demo/demo.ts'), ...args], {
    cwd: dirname(REPOSITORY),
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const shows = async (pattern: RegExp) => {
    while (!pattern.test(text)) {
      const more = await Promise.race([once(child.stdout, 'data').then(() => true), ended.then(() => false)]);
      if (!more && !pattern.test(text)) throw new Error(`The demo ended without ${pattern}:\n${text}`);
    }
    return text;
  };
  return { child, ended, text: () => text, shows };
}
