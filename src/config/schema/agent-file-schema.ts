// How people write the file of an agent: who it is, where probers listen, and where it keeps what it must remember.
import * as z from 'zod';
import { idText } from './id-text.ts';
import { jobSchema } from './job-schema.ts';
import { strictKeys } from './strict-keys.ts';
import { wordText } from './word-text.ts';

const PROBERS_MAX = 15;
const PATH_MAX = 1_024;
/** A keeper has room for so many commands beside one service. */
const JOBS_MAX = 64;

export const agentFileSchema = strictKeys({
  cluster: idText.meta({ description: 'name of the cluster, as `cluster.name` says it; any other is refused' }),
  agent: idText.meta({ description: 'name of this agent, as `agent` of its nodes says it' }),
  probers: z
    .array(z.string().min(1).max(PATH_MAX))
    .min(1)
    .max(PROBERS_MAX)
    .meta({
      description: 'where probers listen for agents; one that does not answer is passed over',
      examples: [['https://203.0.113.10:7800', 'https://198.51.100.10:7800']],
    }),
  ca: wordText.optional().meta({ description: 'certificates that are trusted, as PEM [those of the system]' }),
  serverName: wordText.optional().meta({ description: 'name that the certificates of the probers bear [their host]' }),
  token: wordText.meta({ description: 'what `oneup token create` printed' }),
  stateDir: z.string().min(1).max(PATH_MAX).default('/var/lib/oneup-agent').meta({
    description: 'directory for the memory of steps and the socket of the keeper; never on a network or in memory',
  }),
  watchdog: z.string().min(1).max(PATH_MAX).optional().meta({
    description: 'device that resets the machine when the keeper does not write to it, such as `/dev/watchdog` (S16)',
  }),
  jobs: z.array(jobSchema).max(JOBS_MAX).default([]).meta({
    description: 'commands that run at times of a calendar, while their service is active on this node',
  }),
});
