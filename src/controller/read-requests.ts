// What operators asked for through any prober: records under request/<service>/, each answered once by whoever leads.
import { z } from 'zod';
import type { ServiceId } from '../base/ids.ts';
import type { MachineEvent } from '../failover/machine-event.ts';
import type { ControllerDeps } from './controller-deps.ts';

const text = z.string().max(1_000);
const node = z.string().max(64);
const machineCommandSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('switchover'), from: node.nullable(), to: node.nullable(), reason: text }),
  z.strictObject({ kind: z.literal('failback'), reason: text }),
  z.strictObject({ kind: z.literal('adopt'), node, reason: text }),
  z.strictObject({ kind: z.literal('rejoin'), node, reason: text }),
  z.strictObject({ kind: z.literal('confirmDown'), node, reason: text, version: z.int().min(0) }),
  z.strictObject({
    kind: z.literal('maintenance'),
    on: z.boolean(),
    node: node.nullable(),
    reason: text,
    expiresAfterMs: z.number().min(0),
  }),
]);
export const requestSchema = z.strictObject({ actor: z.string().max(200), command: machineCommandSchema });

export type OperatorRequest = z.infer<typeof requestSchema>;

type RequestEvent = Extract<MachineEvent, { kind: 'request' }>;

/** Requests that wait for an answer, oldest first. A record that cannot be read is left to vanish with its session. */
export function readRequests({ view, keys, logger }: ControllerDeps, service: ServiceId): readonly RequestEvent[] {
  const prefix = `${keys.requests}${service}/`;
  const entries = [...view.list(prefix)].sort((a, b) => a.version - b.version);
  return entries.flatMap((entry): readonly RequestEvent[] => {
    try {
      const { actor, command } = requestSchema.parse(JSON.parse(entry.value));
      return [{ kind: 'request', id: entry.key.slice(prefix.length), version: entry.version, actor, command }];
    } catch (error) {
      logger.warn({ err: error, key: entry.key }, 'a request cannot be read');
      return [];
    }
  });
}
