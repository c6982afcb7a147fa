// The simulated store keeps the contract of stores.
import { makeSimStoreWorld } from '../sim/sim-store-world.ts';
import { describeStoreContract } from './store.ts';

describeStoreContract('simulated store', makeSimStoreWorld);
