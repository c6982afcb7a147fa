// Rules of the answer of an active-active service: the simulation sees when one is missing.
import { findMissing } from './find-missing.ts';
import { SET_MUTATIONS } from './mutations-set.ts';

findMissing(SET_MUTATIONS);
