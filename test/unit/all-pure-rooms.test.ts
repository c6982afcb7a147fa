// All tests of the pure rooms in one process.
import { importTests } from '../support/run/import-tests.ts';
import { PURE_TESTS } from '../support/run/suites.ts';

await importTests(PURE_TESTS);
