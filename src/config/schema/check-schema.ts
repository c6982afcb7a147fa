// How people write a check: what is looked at, and the rhythm of looking.
import * as z from 'zod';
import { CHECK_KINDS, checkKinds, countKinds, proxyKey } from './check-kinds-schema.ts';
import { durationText } from './duration-text.ts';
import { strictKeys } from './strict-keys.ts';

/** Shorter rhythms measure this machine rather than the service. */
const RHYTHM_MIN_MS = 10;
const INTERVAL_MAX_MS = 3_600_000;
/** Votes of one node; more would only delay a failover that is due. */
const STREAK_MAX = 100;
const OVERRIDES_MAX = 64;

const timeout = durationText({ minMs: RHYTHM_MIN_MS, maxMs: INTERVAL_MAX_MS });

const KINDS_LIST = `${CHECK_KINDS.slice(0, -1).join(', ')} and ${CHECK_KINDS.at(-1)}`;

const overrideSchema = strictKeys({
  ...checkKinds,
  address: z
    .string()
    .min(1)
    .optional()
    .meta({
      description: 'what `{address}` stands for in the check as this prober sees it',
      examples: ['{node.internal}'],
    }),
  proxy: proxyKey,
  timeout: timeout.optional().meta({ description: 'time for the check of this prober [that of the check]' }),
})
  .refine((override) => countKinds(override, CHECK_KINDS) <= 1, {
    error: `expected at most one of ${KINDS_LIST}`,
    params: { remedy: 'Write one check, or none to keep that of the others' },
  })
  .meta({
    id: 'CheckOverride',
    description: 'The same check as one prober sees it; another kind goes through no proxy but its own',
  });

export const checkSchema = strictKeys({
  ...checkKinds,
  proxy: proxyKey,
  interval: durationText({ minMs: RHYTHM_MIN_MS, maxMs: INTERVAL_MAX_MS }).optional().meta({
    description: 'time between two looks [5s]',
  }),
  timeout: timeout.optional().meta({
    description:
      'a check without an answer by then fails; at most `interval` and shorter than `sessionTtl` [3s, or `interval` if shorter]',
  }),
  fall: z.int().min(1).max(STREAK_MAX).optional().meta({
    description: 'failing checks in a row, rechecks included, until a node is down [3]',
  }),
  rise: z.int().min(1).max(STREAK_MAX).optional().meta({
    description: 'passing checks in a row until a node is up [2]',
  }),
  minDown: durationText({ maxMs: INTERVAL_MAX_MS }).optional().meta({
    description: 'shortest time over which `fall` failures count (S24) [`interval`]',
  }),
  recheck: durationText({ minMs: RHYTHM_MIN_MS, maxMs: INTERVAL_MAX_MS }).optional().meta({
    description:
      'rhythm of looking again while a node is suspect or being verified; one that was just started is asked four times as often until it answers, for at most 32 looks [250ms, or `interval` if shorter]',
  }),
  overrides: z
    .record(z.string(), overrideSchema)
    .refine((overrides) => Object.keys(overrides).length <= OVERRIDES_MAX, {
      error: `expected at most ${OVERRIDES_MAX} probers`,
    })
    .default({})
    .meta({ description: 'what single probers look at instead, by their ids; each check has its own' }),
})
  .refine((check) => countKinds(check, CHECK_KINDS) === 1, {
    error: `expected exactly one of ${KINDS_LIST}`,
    params: { remedy: 'Write one check, such as http: "http://{address}:8080/"' },
  })
  .meta({ id: 'Check', description: 'One way of looking at a node, and how often' });

export type OverrideWritten = z.output<typeof overrideSchema>;
export type CheckWritten = z.output<typeof checkSchema>;
