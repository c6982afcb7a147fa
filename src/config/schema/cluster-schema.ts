// How people write the cluster: its probers, its store, and the timing that all of them share.
import * as z from 'zod';
import { addressText } from './address-text.ts';
import { apiSchema, proberApiSchema } from './api-schema.ts';
import { durationText } from './duration-text.ts';
import { idText } from './id-text.ts';
import { listenText } from './listen-text.ts';
import { storeSchema } from './store-schema.ts';
import { strictKeys } from './strict-keys.ts';

/** Each prober has a session, a copy of the store and a name server; beyond this more of them make no better quorum. */
const PROBERS_MAX = 15;
const REFERENCES_MAX = 16;
/** A session that outlives an hour of silence is no sign of life. */
const SESSION_MAX_MS = 3_600_000;
/** Clocks that run a tenth apart are broken, and waits grow with it (S2). */
const RHO_MAX = 0.1;
const TIMER_MIN_MS = 10;

const bounded = { minMs: TIMER_MIN_MS, maxMs: SESSION_MAX_MS };

const timingSchema = strictKeys({
  sessionTtl: durationText(bounded)
    .prefault('15s')
    .meta({ description: "life of a prober's and the controller's session without renewal" }),
  rho: z
    .number()
    .min(0)
    .max(RHO_MAX)
    .default(0.01)
    .meta({ description: "greatest deviation of a clock's rate from true time, as a fraction (S1)" }),
  margin: durationText({ maxMs: SESSION_MAX_MS })
    .prefault('2s')
    .meta({ description: "margin added to every wait for somebody else's period (S2)" }),
  killTime: durationText(bounded)
    .prefault('1s')
    .meta({ description: 'what it takes to end a script at its deadline (S9)' }),
  startupGrace: durationText({ maxMs: SESSION_MAX_MS }).optional().meta({
    description: "no automatic operation before this long in a controller's term (S9) [`sessionTtl`]",
  }),
  watchTimeout: durationText(bounded)
    .prefault('30s')
    .meta({ description: 'a watch silent for this long asks the store again (S6)' }),
  lostAfter: durationText(bounded)
    .prefault('10s')
    .meta({ description: 'a name server whose last look at the store is older caps its TTLs (S30)' }),
  staleAfter: durationText({ minMs: TIMER_MIN_MS })
    .prefault('10m')
    .meta({ description: 'a name server whose last look at the store is older does what `dns.onStale` says (S30)' }),
  driftAfter: durationText(bounded)
    .prefault('10m')
    .meta({ description: "a prober's file that has differed from the configuration in force for longer is told (S7)" }),
  reachGrace: durationText({ maxMs: SESSION_MAX_MS }).prefault('60s').meta({
    description: 'time given to a node that the quorum sees down while it says itself that it runs',
  }),
});

const proberSchema = strictKeys({
  id: idText.meta({ description: 'id, unique in the cluster' }),
  vantage: idText.meta({ description: 'place from which it looks; probers that fail together share one' }),
  address: addressText.meta({ description: 'address of the prober, and of its name server in glue records' }),
  listen: listenText.optional().meta({ description: 'where its name server listens [`dns.listen`]' }),
  api: proberApiSchema.optional().meta({ description: 'its own listener for agents [`cluster.api`]' }),
}).meta({ id: 'Prober', description: 'One `oneup run` process' });

export const clusterSchema = strictKeys({
  name: idText.meta({ description: 'name of the cluster; part of every key in the store' }),
  store: storeSchema,
  quorum: strictKeys({
    minVantages: z.int().min(1).max(PROBERS_MAX).optional().meta({
      description: 'agreeing probers must stand at this many vantages (S24) [2, or 1 if there is only one]',
    }),
    probersPerCheck: z.int().min(1).max(PROBERS_MAX).optional().meta({
      description:
        'how many probers look at each service and vote on it, chosen by a hash of its id and theirs (S24); with three, two of them away stop the automatic failovers of a service, however many others live: docs/scaling.md [all of them]',
    }),
  })
    .prefault({})
    .meta({ description: 'what it takes to agree; always a majority of all probers that look at the service' }),
  probers: z.array(proberSchema).min(1).max(PROBERS_MAX).meta({ description: 'processes that check, vote and serve' }),
  references: z
    .array(z.string())
    .max(REFERENCES_MAX)
    .default([])
    .meta({
      description:
        'http, https or tcp URLs outside the cluster; a prober that reaches none of them does not vote (S22)',
      examples: [['https://www.example.net/', 'tcp://192.0.2.53:53']],
    }),
  stateDir: z.string().min(1).default('var').meta({
    description: 'directory for sockets, snapshots and marks; relative ones count from the configuration file',
  }),
  api: apiSchema.prefault({}).meta({ description: 'listeners for agents on other machines' }),
  timing: timingSchema.prefault({}).meta({ description: 'shared timing; the defaults suit a cluster across regions' }),
}).meta({ id: 'Cluster', description: 'Probers, store and timing' });

export type ClusterWritten = z.output<typeof clusterSchema>;
