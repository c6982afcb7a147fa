// The memory engine keeps the contract of stores.
import { makeMemoryWorld } from '../support/memory-world.ts';
import { describeStoreContract } from './store.ts';

describeStoreContract('memory store', makeMemoryWorld);
