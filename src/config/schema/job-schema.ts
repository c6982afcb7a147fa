// How people write a job of an agent: a command at times of a calendar, run where a service is active and nowhere else (S16).
import * as z from 'zod';
import { cronText } from './cron-text.ts';
import { durationText } from './duration-text.ts';
import { idText } from './id-text.ts';
import { strictKeys } from './strict-keys.ts';
import { timeZoneText } from './time-zone-text.ts';
import { wordText } from './word-text.ts';

const WORDS_MAX = 256;
const VARIABLES_MAX = 64;
const PATH_MAX = 1_024;
const TIMEOUT_MIN_MS = 1_000;

export const jobSchema = strictKeys({
  id: idText.meta({ description: 'name of the job; its log is named so' }),
  service: idText.meta({ description: 'the job runs only while this service is active on this node' }),
  schedule: cronText.meta({
    description:
      'minute, hour, day of month, month and day of week, with seconds in front if there are six; a day has to fit both kinds of days',
    examples: ['17 3 * * *'],
  }),
  timeZone: timeZoneText.prefault('UTC').meta({ description: 'time zone of the schedule' }),
  command: z.array(wordText).min(1).max(WORDS_MAX).meta({ description: 'program and arguments; no shell' }),
  env: z
    .record(z.string(), wordText)
    .refine((env) => Object.keys(env).length <= VARIABLES_MAX, { error: `expected at most ${VARIABLES_MAX} variables` })
    .default({})
    .meta({ description: 'environment variables of the command; their values are kept secret' }),
  cwd: z.string().min(1).max(PATH_MAX).optional().meta({ description: 'working directory [`/`]' }),
  timeout: durationText({ minMs: TIMEOUT_MIN_MS })
    .prefault('1h')
    .meta({ description: 'SIGTERM after this long, SIGKILL five seconds later' }),
  overlap: z.literal('skip').default('skip').meta({
    description: 'what happens at a time at which the last run still goes on: it is left out and reported',
  }),
  onLoss: z.enum(['kill', 'finish']).default('kill').meta({
    description:
      'what happens to a run when the node stops being active: `kill` ends it with the service (S16); `finish` lets it go on, beside the service on another node',
  }),
  missed: z.enum(['report', 'run-once']).default('report').meta({
    description:
      'times at which the agent was down or the machine suspended: `report` says which, `run-once` also runs the job once for all of them if the node has been active all the time',
  }),
});

export type JobWritten = z.output<typeof jobSchema>;
