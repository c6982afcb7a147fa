// How people write a service: the name it answers to, the nodes it can run on, and when it may move by itself.
import * as z from 'zod';
import { actionsSchema } from './action-schema.ts';
import { agentSchema } from './agent-schema.ts';
import { checkSchema } from './check-schema.ts';
import { durationText } from './duration-text.ts';
import { failbackSchema, failoverSchema, restartSchema, safetySchema } from './move-schema.ts';
import { nameText } from './name-text.ts';
import { nodeSchema } from './node-schema.ts';
import { sorryText } from './sorry-text.ts';
import { strictKeys } from './strict-keys.ts';
import { ttlText } from './ttl-text.ts';

/** Every prober checks every node; an active-passive service with more standbys is better served in parts. */
const NODES_MAX = 16;
/** A node that is not warm after a day is not warmed by clients. */
const SLOW_START_MAX_MS = 86_400_000;
/** Managed names are asked for in a failover; a longer TTL is an outage of that length. */
const MANAGED_TTL_MAX_SECONDS = 86_400;

/** Asking is a login or a script on every node; tests of real processes ask often. */
const SWEEP_MIN_MS = 100;
/** A round that is slower than this finds a second instance after it has done its harm. */
const SWEEP_MAX_MS = 3_600_000;

const managedTtl = { minSeconds: 1, maxSeconds: MANAGED_TTL_MAX_SECONDS };

const recordSchema = strictKeys({
  name: nameText.meta({
    description: 'name that clients ask for; it belongs to this service alone (S26)',
  }),
  provider: z.string().default('builtin').meta({ description: 'where the name lives: an entry of `providers`' }),
  second: strictKeys({
    provider: z.string().meta({ description: 'another entry of `providers`; the zone follows from the name' }),
  })
    .optional()
    .meta({
      description:
        'a second provider that serves the same name: oneup keeps the same answer at both, and writes each of them also while the other is away; the name servers of both stand in the delegation',
    }),
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
  repairDrift: z.boolean().default(false).meta({
    description:
      'where others serve the name: what they change in its record is written again as it was, foreign addresses too; without it that is an alert (S27)',
  }),
  sorry: sorryText.optional().meta({
    description:
      'address of a server that says sorry, or its name where the nodes have targets: the name points there when the new node failed and the one before it cannot be named again (S28) [the last answer stays]',
  }),
});

export const serviceSchema = strictKeys({
  mode: z.enum(['active-passive', 'active-active']).default('active-passive').meta({
    description:
      '`active-passive`: one node is active, the others wait; `active-active`: every node that the quorum holds up answers, and nothing is started, stopped or fenced (docs/active-active.md)',
  }),
  minHealthy: z.int().min(1).max(NODES_MAX).default(1).meta({
    description:
      'active-active: with fewer healthy nodes than this the answer names every node that was ever verified and that nobody took out, and an alert is sent (S28)',
  }),
  slowStart: durationText({ maxMs: SLOW_START_MAX_MS }).prefault('0s').meta({
    description:
      'active-active: a node that comes back gets its share of the answers in five steps over this time; needs a record of provider `builtin`',
  }),
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
              'what a healthy warm standby passes; probers run it on every node but the active one. Where a quorum sees it fail a person is told, no planned move goes there, and a failover takes the node last. `activeCheck` must fail on a standby; rhythm keys default to those of `check`',
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
  agent: agentSchema.optional().meta({
    description:
      'the agent of each node starts and stops the service, under a lease; then `actions` has neither start nor stop',
  }),
  failover: failoverSchema.prefault({}).meta({ description: 'when the service may move by itself' }),
  restart: restartSchema.prefault({}).meta({ description: 'restarts in place before a failover' }),
  cutover: z.enum(['verified', 'early']).default('verified').meta({
    description:
      'when DNS names the new node: after it was `verified`, or `early`, as soon as it may start; early is quicker, and wrong while the start fails (S28)',
  }),
  failback: failbackSchema,
  conflict: z.enum(['stopAll', 'freeze']).default('stopAll').meta({
    description:
      'when several nodes run and none of them is the one that may: `stopAll` stops them all, `freeze` touches nothing; either way a person is told and decides what comes next',
  }),
  sweep: z
    .union(
      [
        z.literal('never'),
        strictKeys({
          every: durationText({ minMs: SWEEP_MIN_MS, maxMs: SWEEP_MAX_MS }).meta({
            description: 'each node is asked once in this time',
          }),
        }),
      ],
      { error: () => 'expected never, or a map with every' },
    )
    .prefault({ every: '30s' })
    .meta({
      description:
        'how often the `status` action of every node is asked beside all operations, so that an instance that no prober can see is found (S25); without that action nothing is asked',
    }),
  safety: safetySchema.prefault({}).meta({ description: 'what must be true before the service may be moved' }),
}).meta({ id: 'Service', description: 'One thing that is kept up exactly once' });

export type ServiceWritten = z.output<typeof serviceSchema>;
