// All tests of the rooms that need no process and no disk of their own, in one process.
import { importTests } from '../support/run/import-tests.ts';
import { QUIET_TESTS } from '../support/run/suites.ts';

await importTests(QUIET_TESTS);
