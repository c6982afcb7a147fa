// How people write where alerts go: channels by name, each a command or a webhook.
import * as z from 'zod';
import { commandSchema } from './command-schema.ts';
import { durationText } from './duration-text.ts';
import { strictKeys } from './strict-keys.ts';

/** Every alert costs one delivery for each channel. */
const CHANNELS_MAX = 16;
/** The next alert waits while one is delivered. */
const TIMEOUT_MIN_MS = 10;
const TIMEOUT_MAX_MS = 300_000;
/** A condition that is told less than once a day is forgotten. */
const REPEAT_MAX_MS = 86_400_000;

const webhookSchema = strictKeys({
  url: z
    .string()
    .min(1)
    .meta({
      description: 'https URL that gets a POST for every alert',
      examples: ['https://alerts.example.net/oneup'],
    }),
  secret: z.string().min(1).optional().meta({
    description: `key with which every delivery is signed; write it as \`\${env:NAME}\` or \`\${file:path}\` [unsigned]`,
  }),
  insecure: z.boolean().default(false).meta({
    description:
      '`true` allows an http URL to another machine; whoever listens on the way can read and change the alerts',
  }),
}).meta({ id: 'Webhook', description: 'An HTTP receiver of alerts' });

const channelSchema = strictKeys({
  exec: commandSchema.optional().meta({
    description: 'command run on the host of the controller; the alert is in its `ONEUP_ALERT_*` variables',
  }),
  webhook: webhookSchema.optional().meta({ description: 'HTTP receiver that gets the alert as JSON' }),
  level: z.enum(['info', 'warning', 'critical']).default('warning').meta({
    description: 'the channel is told of this level and those above it',
  }),
  timeout: durationText({ minMs: TIMEOUT_MIN_MS, maxMs: TIMEOUT_MAX_MS }).prefault('10s').meta({
    description: 'a delivery is given up after this long, repetitions included',
  }),
})
  .refine(({ exec, webhook }) => (exec === undefined) !== (webhook === undefined), {
    error: 'expected exactly one of exec and webhook',
    params: { remedy: 'Write exec: [command] or webhook: { url: "https://..." }' },
  })
  .meta({ id: 'AlertChannel', description: 'One way in which alerts reach people' });

export const alertsSchema = strictKeys({
  repeat: durationText({ minMs: TIMEOUT_MIN_MS, maxMs: REPEAT_MAX_MS }).prefault('5m').meta({
    description: 'an open condition is told again after this long, until it is acknowledged',
  }),
  channels: z
    .record(z.string(), channelSchema)
    .refine((channels) => Object.keys(channels).length <= CHANNELS_MAX, {
      error: `expected at most ${CHANNELS_MAX} channels`,
    })
    .prefault({})
    .meta({ description: 'where alerts go beside the log, by name' }),
});

export type AlertsWritten = z.output<typeof alertsSchema>;
export type AlertChannelWritten = z.output<typeof channelSchema>;
