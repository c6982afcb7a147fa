// POST /v1/forget: removes the records of a service that is not in the configuration in force any more: its history, journals,
// breadcrumbs and all. What is in force is never forgotten.
import { z } from 'zod';
import { OneupError } from '../base/oneup-error.ts';
import type { Guard, StoreWrite } from '../ports/store.ts';
import type { ApiResponse } from './api-server.ts';
import type { ApiSource } from './api-source.ts';

const bodySchema = z.strictObject({
  service: z
    .string()
    .max(63)
    .regex(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/, 'expected the id of a service'),
});
/** Small enough for every engine, and for a watch to take in at once. */
const DELETES_AT_ONCE = 100;

export type Forgotten = { readonly service: string; readonly records: number };

/** Safe to repeat: what an earlier call has left is removed by the next. */
export async function forgetService(source: ApiSource, body: unknown): Promise<ApiResponse> {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) throw new OneupError('ONEUP_USAGE', `Cannot read request: ${z.prettifyError(parsed.error)}`);
  const { service } = parsed.data;
  const { config, keys, store, uniqueId } = source;
  if (config.services.some(({ id }) => id === service)) {
    throw new OneupError(
      'ONEUP_REFUSED',
      `Cannot forget ${service}: S7.in-force: it is in the configuration in force`,
      {
        remedy: 'Take it out of the file first, then run oneup reload',
      },
    );
  }
  const inForce = await store.get(keys.config);
  const guards: readonly Guard[] =
    inForce === null ? [] : [{ kind: 'version', key: keys.config, version: inForce.version }];
  const found = await recordsOf(source, service);
  for (let at = 0; at < found.length; at += DELETES_AT_ONCE) {
    const writes = found.slice(at, at + DELETES_AT_ONCE).map((key): StoreWrite => ({ kind: 'delete', key }));
    const result = await store.commit({ guards, writes, token: uniqueId() });
    if (result.kind !== 'committed') {
      throw new OneupError('ONEUP_STORE_LOST', `Cannot forget ${service}: the commit ended as ${result.kind}`, {
        remedy: 'Run oneup forget again',
      });
    }
  }
  return { status: 200, body: { service, records: found.length } satisfies Forgotten };
}

async function recordsOf({ keys, store }: ApiSource, service: string): Promise<readonly string[]> {
  const single = [keys.service(service), keys.grant(service), keys.operation(service), keys.tail(service)];
  const kinds = ['breadcrumb', 'lease', 'agent', 'request', 'journal', 'history'];
  const lists = await Promise.all(kinds.map((kind) => store.list(`${keys.root}${kind}/${service}/`)));
  const present = await Promise.all(single.map((key) => store.get(key)));
  return [...present, ...lists.flatMap(({ entries }) => entries)].flatMap((entry) =>
    entry === null ? [] : [entry.key],
  );
}
