// Rules of grants, steps, proof and seeing: the simulation sees when one is missing.
import { findMissing } from './find-missing.ts';
import { PROOF_MUTATIONS } from './mutations-proof.ts';

findMissing(PROOF_MUTATIONS);
