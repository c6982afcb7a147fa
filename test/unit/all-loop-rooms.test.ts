// All tests of the rooms that act in rounds, in one process.
import { importTests } from '../support/run/import-tests.ts';
import { LOOP_TESTS } from '../support/run/suites.ts';

await importTests(LOOP_TESTS);
