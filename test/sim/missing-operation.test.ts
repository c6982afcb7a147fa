// Rules of DNS writes and operations: the simulation sees when one is missing.
import { findMissing } from './find-missing.ts';
import { OPERATION_MUTATIONS } from './mutations-operation.ts';

findMissing(OPERATION_MUTATIONS);
