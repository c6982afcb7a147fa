// How people write when a service may move: by itself, back again, after which restarts, and under which conditions.
import * as z from 'zod';
import { cronText } from './cron-text.ts';
import { durationText } from './duration-text.ts';
import { idText } from './id-text.ts';
import { strictKeys } from './strict-keys.ts';

const BUDGET_MAX = 1_000;
/** The shortest window that any of these periods can mean something in; tests of real processes use it. */
const PERIOD_MIN_MS = 10;
/** Each attempt delays the failover; a service that needs more of them is not helped by one. */
const RESTARTS_MAX = 10;
/** A window must be open long enough for one look at the service, and closed at some time of the day. */
const WINDOW_MIN_MS = 60_000;
const WINDOW_MAX_MS = 86_400_000;
const STARTABLE_MAX = 16;
const GATES_MAX = 8;

const period = { minMs: PERIOD_MIN_MS };

export const failoverSchema = strictKeys({
  automatic: z
    .boolean()
    .default(true)
    .meta({ description: '`false`: oneup watches and tells, a person moves the service' }),
  cooldown: durationText().prefault('1h').meta({ description: 'no second automatic failover before this long (S36)' }),
  budget: strictKeys({
    count: z.int().min(1).max(BUDGET_MAX).default(3).meta({ description: 'automatic failovers allowed' }),
    per: durationText(period).prefault('24h').meta({ description: 'within this long' }),
  })
    .prefault({})
    .meta({ description: 'more automatic failovers than this wait for a person (S36)' }),
  stableFor: durationText()
    .prefault('15m')
    .meta({ description: 'the service counts as stable after the quorum held it up this long' }),
  opMaxAge: durationText(period)
    .prefault('30m')
    .meta({ description: 'an operation older than this waits for a person (S34)' }),
  precheckMaxAge: durationText(period)
    .prefault('30s')
    .meta({ description: 'a precheck result younger than this is used as it is (S32)' }),
  verifyTimeout: durationText(period)
    .prefault('120s')
    .meta({ description: 'the quorum has this long to see the started node up' }),
  contactTimeout: durationText(period)
    .prefault('5s')
    .meta({ description: 'the old node has this long to be reached before fencing begins' }),
  coldStart: z.boolean().default(true).meta({
    description: '`true`: when nothing runs any more and nobody asked for that, the preferred node is started',
  }),
  failureThreshold: strictKeys({
    count: z.int().min(1).max(BUDGET_MAX).default(3).meta({ description: 'failures of a node' }),
    per: durationText(period).prefault('6h').meta({ description: 'within this long' }),
  })
    .prefault({})
    .meta({ description: 'a node that failed this often is not started until they are past, or `clear-failures`' }),
  resyncAfter: z.enum(['failure', 'move']).default('failure').meta({
    description:
      '`move`: the node that a planned move has left runs its `resync` action by itself, too, and is no candidate before it has ended',
  }),
  maxLag: z.number().min(0).optional().meta({
    description: 'greatest lag, as the `precheck` action prints it, with which a node may become active [any]',
  }),
});

export type FailoverWritten = z.output<typeof failoverSchema>;

export const restartSchema = strictKeys({
  attempts: z.int().min(0).max(RESTARTS_MAX).default(0).meta({
    description: 'restarts of the active node before a failover; `0` fails over at once',
  }),
  per: durationText(period).prefault('10m').meta({ description: 'within this long; one more is a failover' }),
});

export const failbackSchema = z
  .union(
    [
      z.literal('manual'),
      strictKeys({
        window: cronText.meta({
          description: 'cron pattern, in UTC, of the instants at which the window opens; 5 fields, or 6 with seconds',
          examples: ['0 3 * * *'],
        }),
        openFor: durationText({ minMs: WINDOW_MIN_MS, maxMs: WINDOW_MAX_MS }).meta({
          description: 'how long it stays open',
        }),
      }),
    ],
    { error: () => 'expected manual, or a map with window and openFor' },
  )
  .prefault('manual')
  .meta({
    description:
      'how the service moves back to the node it prefers: when a person says so, or in a window of time after it was stable',
  });

export const safetySchema = strictKeys({
  minStartable: z.int().min(0).max(STARTABLE_MAX).default(0).meta({
    description: 'planned and automatic moves are refused while fewer nodes, the target included, could be started',
  }),
  gates: z
    .array(idText)
    .max(GATES_MAX)
    .default([])
    .meta({
      description: 'names of gates that people can close; a closed one holds every move',
      examples: [['release', 'migration']],
    }),
});
