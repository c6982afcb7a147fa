// Rules of clocks, store, terms and commits: the simulation sees when one is missing.
import { findMissing } from './find-missing.ts';
import { TERM_MUTATIONS } from './mutations-terms.ts';

findMissing(TERM_MUTATIONS);
