// Rules of leases: the simulation sees when one is missing.
import { findMissing } from './find-missing.ts';
import { LEASE_MUTATIONS } from './mutations-lease.ts';

findMissing(LEASE_MUTATIONS);
