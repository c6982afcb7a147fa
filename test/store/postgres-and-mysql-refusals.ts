// Errors of the server in the middle of a commit: which of them prove that nothing was written, and what they are called.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import type { Store } from '../../src/ports/store.ts';
import { type EngineUnderTest, type ServerUnderTest, storeOptions } from './postgres-and-mysql-engine.ts';

const ALWAYS = 1_000_000;

export function refusalTests(engine: EngineUnderTest, getServer: () => ServerUnderTest): void {
  describe(`${engine.name}: refusals`, () => {
    for (const [what, expected] of engine.refusals) {
      test(`a commit that ends with ${what} is told ${expected}, and was not made`, async () => {
        const options = storeOptions(engine, getServer());
        await using store = await engine.openStore(options);
        await getServer().run(engine.refuseCommits(options.cluster, what, ALWAYS));
        const token = randomUUID();
        assert.equal(await tellOf(store, token), expected);
        assert.equal(await store.outcomeOf(token), 'absent');
        assert.equal((await store.list('')).revision, 0);
      });
    }

    test('a commit that lost to another by the choice of the server is tried again, but not for ever', async () => {
      const options = storeOptions(engine, getServer());
      await using store = await engine.openStore(options);
      await getServer().run(engine.refuseCommits(options.cluster, engine.tryAgain, 2));
      assert.equal(await tellOf(store, 'third-time-lucky'), 'committed');
      assert.equal((await store.list('')).revision, 1);
    });
  });
}

async function tellOf(store: Store, token: string): Promise<string> {
  try {
    const writes = [{ kind: 'put', key: '/k', value: '1' }] as const;
    return (await store.commit({ guards: [], writes, token })).kind;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}
