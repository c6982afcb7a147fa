// How people write a service: the name it answers to, the nodes it can run on, and when it may move by itself.
import * as z from 'zod';
import { actionsSchema } from './action-schema.ts';
import { addressText } from './address-text.ts';
import { checkSchema } from './check-schema.ts';
import { failbackSchema, failoverSchema, restartSchema, safetySchema } from './move-schema.ts';
import { nameText } from './name-text.ts';
import { nodeSchema } from './node-schema.ts';
import { strictKeys } from './strict-keys.ts';
import { ttlText } from './ttl-text.ts';

/** Every prober checks every node; an active-passive service with more standbys is better served in parts. */
const NODES_MAX = 16;
/** Managed names are asked for in a failover; a longer TTL is an outage of that length. */
const MANAGED_TTL_MAX_SECONDS = 86_400;

const managedTtl = { minSeconds: 1, maxSeconds: MANAGED_TTL_MAX_SECONDS };

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
  sorry: addressText.optional().meta({
    description:
      'address of a server that says sorry: the name points there when the new node failed and the one before it cannot be named again (S28) [the last answer stays]',
  }),
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
  safety: safetySchema.prefault({}).meta({ description: 'what must be true before the service may be moved' }),
}).meta({ id: 'Service', description: 'One thing that is kept up exactly once' });

export type ServiceWritten = z.output<typeof serviceSchema>;
