// How people write a service: the name it answers to, the nodes it can run on, and when it may move by itself.
import * as z from 'zod';
import { actionsSchema } from './action-schema.ts';
import { checkSchema } from './check-schema.ts';
import { durationText } from './duration-text.ts';
import { nameText } from './name-text.ts';
import { nodeSchema } from './node-schema.ts';
import { strictKeys } from './strict-keys.ts';
import { ttlText } from './ttl-text.ts';

/** Every prober checks every node; an active-passive service with more standbys is better served in parts. */
const NODES_MAX = 16;
/** Managed names are asked for in a failover; a longer TTL is an outage of that length. */
const MANAGED_TTL_MAX_SECONDS = 86_400;
const BUDGET_MAX = 1_000;
/** The shortest window that any of these periods can mean something in; tests of real processes use it. */
const PERIOD_MIN_MS = 10;

const managedTtl = { minSeconds: 1, maxSeconds: MANAGED_TTL_MAX_SECONDS };
const period = { minMs: PERIOD_MIN_MS };

const recordSchema = strictKeys({
  name: nameText.meta({
    description: 'name that clients ask for; it belongs to this service alone (S26)',
  }),
  provider: z.string().default('builtin').meta({ description: 'where the name lives: an entry of `providers`' }),
  ttl: strictKeys({
    steady: ttlText(managedTtl)
      .prefault('20s')
      .meta({ description: 'while all is well; what most clients feel after a failover' }),
    suspect: ttlText(managedTtl)
      .prefault('5s')
      .meta({ description: 'from the first failing vote until it is cleared' }),
    settling: ttlText(managedTtl).prefault('5s').meta({ description: 'after a cutover until the service is stable' }),
  })
    .prefault({})
    .meta({ description: 'TTL levels' }),
});

const failoverSchema = strictKeys({
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
});

export const serviceSchema = strictKeys({
  mode: z
    .literal('active-passive')
    .default('active-passive')
    .meta({ description: 'one node is active, the others wait' }),
  exclusive: z.boolean().default(true).meta({
    description: '`false`: plain DNS failover of what may run twice; nothing is fenced or proven down (S21)',
  }),
  standby: z
    .union(
      [
        z.literal('stopped'),
        strictKeys({
          check: checkSchema.meta({
            description:
              'what a healthy warm standby passes; read and compared with `activeCheck`, but no prober looks at it yet: let a `precheck` action say whether the standby is ready',
          }),
        }),
      ],
      {
        error: () => 'expected stopped, or a map with check',
      },
    )
    .prefault('stopped')
    .meta({ description: 'what a healthy standby looks like (S25): `stopped`, or warm and passing a check' }),
  record: recordSchema.meta({ description: 'DNS record of the service' }),
  nodes: z.array(nodeSchema).min(1).max(NODES_MAX).meta({ description: 'where the service can run' }),
  check: checkSchema.meta({ description: 'how probers look at every node' }),
  activeCheck: checkSchema.optional().meta({
    description: 'what only the active node passes (S25); rhythm keys default to those of `check` [`check`]',
  }),
  actions: actionsSchema.prefault({}).meta({ description: 'what oneup does to nodes' }),
  failover: failoverSchema.prefault({}).meta({ description: 'when the service may move by itself' }),
  failback: z
    .literal('manual')
    .default('manual')
    .meta({ description: 'the service moves back only when a person says so' }),
}).meta({ id: 'Service', description: 'One thing that is kept up exactly once' });

export type ServiceWritten = z.output<typeof serviceSchema>;
export type FailoverWritten = z.output<typeof failoverSchema>;
