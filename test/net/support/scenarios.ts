// All scenarios of `npm run test:net`, in the order in which they are played.
import type { Scenario } from './play-scenario.ts';
import { LINK_SCENARIOS } from './scenarios-links.ts';
import { PARTITION_SCENARIOS } from './scenarios-partitions.ts';
import { PROCESS_SCENARIOS } from './scenarios-processes.ts';

export const SCENARIOS: readonly Scenario[] = [...PARTITION_SCENARIOS, ...LINK_SCENARIOS, ...PROCESS_SCENARIOS];
