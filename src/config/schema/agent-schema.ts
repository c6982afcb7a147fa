// How people write what an agent runs: the process that its keeper owns, and the lease under which it may live (S14 to S16).
import * as z from 'zod';
import { commandSchema } from './command-schema.ts';
import { durationText } from './duration-text.ts';
import { strictKeys } from './strict-keys.ts';
import { unitText } from './unit-text.ts';

const LEASE_MIN_MS = 1_000;
const LEASE_MAX_MS = 3_600_000;
const TIME_MIN_MS = 10;

export const agentSchema = strictKeys({
  run: commandSchema.optional().meta({
    description:
      'the service: a program that stays in the foreground; the keeper of the node owns it and all it starts',
    examples: [['/opt/azkaban/bin/azkaban-web', '--port', '8081']],
  }),
  unit: unitText.optional().meta({
    description:
      'in place of `run`: a systemd unit that is neither enabled nor restarted by systemd. It does not die with the keeper, so its lease proves nothing (S16)',
    examples: ['azkaban-web.service'],
  }),
  lease: durationText({ minMs: LEASE_MIN_MS, maxMs: LEASE_MAX_MS }).optional().meta({
    description:
      'how long the service may live after the last renewal that was granted (S14) [1.5 x (stopTimeout + 2 x margin) + 5 s, at least `30s`]',
  }),
  startTimeout: durationText({ minMs: TIME_MIN_MS, maxMs: LEASE_MAX_MS })
    .prefault('30s')
    .meta({ description: 'the agent has this long to get a renewal and to start the program' }),
  stopTimeout: durationText({ minMs: TIME_MIN_MS, maxMs: LEASE_MAX_MS })
    .prefault('10s')
    .meta({ description: 'the service has this long to end after SIGTERM; then it is killed with all it started' }),
  onStoreLoss: z.enum(['stayIfPeersAgree', 'selfFence', 'stay']).default('stayIfPeersAgree').meta({
    description:
      'what happens to the service when no prober renews its lease: `stayIfPeersAgree` lets it run while every prober that was there at the last renewal agrees, `selfFence` stops it before the lease ends, `stay` lets it run, and then its lease proves nothing (S37)',
  }),
  leaseProof: z.boolean().default(true).meta({
    description:
      'whether a lease that has run out proves that the service is down; `false` asks the fence ladder (S16)',
  }),
})
  .refine(({ run, unit }) => (run === undefined) !== (unit === undefined), {
    error: 'expected either run or unit',
    params: { remedy: 'Write run: with a command, or unit: with the name of a systemd unit' },
  })
  .meta({ id: 'ServiceAgent', description: 'The service is started and stopped by the agent of each node' });

export type AgentWritten = z.output<typeof agentSchema>;
