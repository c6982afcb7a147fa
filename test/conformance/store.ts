// The meaning of src/ports/store.ts, sentence by sentence, for every engine. An engine adds a file of three lines that
// names itself and says how to make a world; there are no exceptions to declare.
import { describe } from 'node:test';
import type { StoreWorld } from '../support/store-world.ts';
import { commitTests } from './store/commit-tests.ts';
import { sessionEndTests } from './store/session-end-tests.ts';
import { sessionTests } from './store/session-tests.ts';
import { valueTests } from './store/value-tests.ts';
import { watchTests } from './store/watch-tests.ts';

export function describeStoreContract(name: string, makeWorld: () => Promise<StoreWorld>): void {
  describe(name, () => {
    valueTests(makeWorld);
    commitTests(makeWorld);
    watchTests(makeWorld);
    sessionTests(makeWorld);
    sessionEndTests(makeWorld);
  });
}
