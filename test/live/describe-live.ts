// Runs the provider suite on a real account when the environment names one, and says what it lacks otherwise.
import { test } from 'node:test';
import { describeProviderContract } from '../conformance/provider.ts';
import { type LiveAccount, makeLiveWorld } from './live-world.ts';

type LiveSuite = {
  readonly kind: string;
  /** Variables that must be set. */
  readonly needs: readonly string[];
  readonly open: (value: (name: string) => string) => LiveAccount;
};

export function describeLive({ kind, needs, open }: LiveSuite, env: NodeJS.ProcessEnv = process.env): void {
  const missing = needs.filter((name) => (env[name] ?? '') === '');
  if (missing.length > 0) {
    test(`provider contract: ${kind}, live`, (t) => t.skip(`not run on a real account: set ${missing.join(', ')}`));
    return;
  }
  const account = open((name) => env[name] ?? '');
  describeProviderContract(`${kind}, live`, async () => makeLiveWorld(account));
}
