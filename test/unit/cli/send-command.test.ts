// What a command says of the operation that it began, however late it looked.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiClient } from '../../../src/cli/api-client.ts';
import type { CommandContext } from '../../../src/cli/command-context.ts';
import { exchangeCommand } from '../../../src/cli/send-command.ts';
import type { Outcome } from '../../../src/failover/operation.ts';

const SENDING = {
  service: 'web',
  options: { config: 'oneup.yaml', wait: true },
  command: { kind: 'drill', live: true, to: 'b', holdMs: 1_000, reason: 'a drill' },
  afterwards: 'it comes back by itself',
} as const;

/** The operation was over when it was looked at first. */
async function textAfter(outcome: Outcome): Promise<string> {
  const op = { kind: 'drill', from: 'a', to: 'b' };
  const ended = { op, outcome, summary: 'b is active, every name server answers anew' };
  const client = {
    post: async () => ({ kind: 'accepted', opId: 'op-1', note: 'begun' }),
    get: async () => ({ operation: null, isTail: false, ended, journal: [] }),
  } as unknown as ApiClient;
  const { text } = await exchangeCommand({ actor: 'test', console: { isInteractive: false } } as CommandContext, {
    ...SENDING,
    client,
  });
  return text;
}

test('what comes afterwards is told too when the operation has ended before the first look', async () => {
  assert.equal(
    await textAfter('done'),
    'drill done: b is active, every name server answers anew; it comes back by itself',
  );
  assert.doesNotMatch(await textAfter('failed'), /comes back/);
});
