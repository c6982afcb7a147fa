// Rules of the second provider: the simulation sees when one is missing.
import { findMissing } from './find-missing.ts';
import { SECOND_MUTATIONS } from './mutations-second.ts';

findMissing(SECOND_MUTATIONS);
