// How people write what oneup does to a node: an action with its time limit, and the levels of the fence ladder.
import * as z from 'zod';
import { driverKeys, hasOneDriver, ONE_DRIVER } from './driver-schema.ts';
import { durationText } from './duration-text.ts';
import { strictKeys } from './strict-keys.ts';
import { wordText } from './word-text.ts';

/** A step that takes longer than a day is not a failover. */
const ACTION_MAX_MS = 86_400_000;
const ACTION_MIN_MS = 10;
/** Levels are tried one after the other while the service is down. */
const FENCE_LEVELS_MAX = 8;
const OFF_STATES_MAX = 16;

function timeoutText(byDefault: string) {
  return durationText({ minMs: ACTION_MIN_MS, maxMs: ACTION_MAX_MS })
    .prefault(byDefault)
    .meta({ description: 'the command and everything it started is killed after this long' });
}

const actionSchema = strictKeys({
  ...driverKeys,
  timeout: durationText({ minMs: ACTION_MIN_MS, maxMs: ACTION_MAX_MS }).optional().meta({
    description:
      'the command and everything it started is killed after this long [start `120s`; stop `60s`; status and precheck `20s`; sync and drain `5m`; undrain `60s`; resync `30m`]',
  }),
})
  .refine(hasOneDriver, ONE_DRIVER)
  .meta({ id: 'Action', description: 'Something that oneup does to a node' });

const confirmSchema = strictKeys({
  ...driverKeys,
  offStates: z
    .array(wordText.trim().min(1))
    .min(1)
    .max(OFF_STATES_MAX)
    .meta({
      description: 'states that mean off; any other answer means not off, a failing query means unknown',
      examples: [['stopped', 'terminated']],
    }),
  timeout: timeoutText('10s'),
  interval: durationText({ minMs: ACTION_MIN_MS, maxMs: ACTION_MAX_MS })
    .prefault('1s')
    .meta({ description: 'pause between two queries' }),
})
  .refine(hasOneDriver, ONE_DRIVER)
  .meta({
    id: 'FenceConfirm',
    description: 'A short query whose last line of output names the state of the node: how a level is proven (S18)',
  });

const fenceLevelSchema = strictKeys({
  ...driverKeys,
  timeout: timeoutText('60s').meta({
    description: 'the level has this long to pass; a query begun before is still awaited',
  }),
  confirm: confirmSchema
    .optional()
    .meta({ description: 'query that proves the node is off; needed unless `confirmedByExit` (S18)' }),
  confirmedByExit: z.boolean().default(false).meta({
    description:
      '`true`: exit code 0 of the command is the proof. Only for commands that themselves wait for the proof',
  }),
})
  .refine(hasOneDriver, ONE_DRIVER)
  .meta({
    id: 'FenceLevel',
    description:
      'One level of the fence ladder, which switches the node off or isolates it; the first that passes ends it',
  });

export const actionsSchema = strictKeys({
  start: actionSchema.optional().meta({ description: 'makes the node active; needed for exclusive services' }),
  stop: actionSchema.optional().meta({ description: 'makes the node stopped or standby, in an orderly way' }),
  status: actionSchema.optional().meta({ description: 'asks the node for its role without changing anything (S13)' }),
  precheck: actionSchema.optional().meta({ description: 'says whether a standby could start; run all the time (S32)' }),
  sync: actionSchema.optional().meta({ description: 'brings the standby up to date before it starts' }),
  resync: actionSchema.optional().meta({ description: 'makes a fenced node fit to rejoin' }),
  drain: actionSchema.optional().meta({
    description: 'lets the active node finish what it has begun, before a planned move stops it',
  }),
  undrain: actionSchema.optional().meta({ description: 'takes `drain` back when the planned move was given up' }),
  fence: z.array(fenceLevelSchema).max(FENCE_LEVELS_MAX).prefault([]).meta({
    description: 'fence ladder, tried from the top; needed for automatic exclusive services',
  }),
});

export type ActionsWritten = z.output<typeof actionsSchema>;
export type FenceLevelWritten = z.output<typeof fenceLevelSchema>;
