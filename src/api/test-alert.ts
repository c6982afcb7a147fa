// POST /v1/test-alert: sends a test alert through this prober's channels and answers what became of it in each.
import { z } from 'zod';
import { OneupError } from '../base/oneup-error.ts';
import type { AlertOutcome } from '../ports/alerter.ts';
import type { ApiResponse } from './api-server.ts';
import type { ApiSource } from './api-source.ts';

export type TestAlert = (channel: string | null) => Promise<Readonly<Record<string, AlertOutcome>>>;

const bodySchema = z.strictObject({ channel: z.string().max(200).nullable() });

/** Throws ONEUP_USAGE when there is no channel, or none of that name. */
export async function testAlert(source: ApiSource, test: TestAlert | undefined, body: unknown): Promise<ApiResponse> {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) throw new OneupError('ONEUP_USAGE', `Cannot read request: ${z.prettifyError(parsed.error)}`);
  const { channel } = parsed.data;
  const names = source.config.alerts.channels.map(({ name }) => name);
  if (test === undefined || names.length === 0) {
    throw new OneupError('ONEUP_USAGE', 'Cannot send a test alert: no channel is configured', {
      remedy: 'Add one under alerts.channels, then run oneup reload; without one, alerts are lines of the log',
    });
  }
  if (channel !== null && !names.includes(channel)) {
    throw new OneupError(
      'ONEUP_USAGE',
      `Cannot send a test alert: the channels are ${names.join(', ')}, value was ${channel}`,
      { remedy: 'Name one of the channels' },
    );
  }
  return { status: 200, body: await test(channel) };
}
