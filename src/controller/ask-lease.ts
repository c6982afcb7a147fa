// What the store says of the lease of a node whose grant was revoked: the last renewal, and whether one of those that its holder
// has to ask has promised to refuse it. From then on the wait counts (S15, S37).
import { z } from 'zod';
import { parseClaimRecord, refuserIn } from '../base/claim-record.ts';
import type { Answer } from '../failover/machine-event.ts';
import type { MachineState } from '../failover/service-state.ts';
import type { Performer } from './performer.ts';

const leaseSchema = z.object({
  epoch: z.int(),
  periodMs: z.number().positive(),
  armed: z.boolean(),
  enforced: z.enum(['watchdog', 'keeper', 'none']),
  asked: z.array(z.string()),
});

type Renewal = z.output<typeof leaseSchema>;
type Wanted = { readonly node: string; readonly epoch: number };

/** Proves nothing. */
const UNREADABLE = { periodMs: 0, armed: false, enforced: 'none', asked: [], refusedBy: null } as const;
const RETRY_MS = 500;
/** A live prober sees REVOKE and says so within a watch and a commit. */
const REFUSAL_MAX_MS = 10_000;

/**
 * Asked after the REVOKE was committed, so what the store holds is the last renewal that there will ever be for this grant
 * (S15). A record that cannot be read is one of which nothing is known: it proves nothing.
 */
export async function askLease({ deps }: Performer, state: MachineState, { node, epoch }: Wanted): Promise<Answer> {
  const entry = await readLease(deps, state.rules.id, node);
  if (entry === null) return { kind: 'lease', node, epoch, renewal: null };
  const parsed = leaseSchema.safeParse(parseJson(entry.value));
  if (!parsed.success) return { kind: 'lease', node, epoch, renewal: UNREADABLE };
  if (parsed.data.epoch !== epoch) return { kind: 'lease', node, epoch, renewal: null };
  const refusedBy = await findRefuser(deps, state.rules.id, parsed.data);
  return { kind: 'lease', node, epoch, renewal: { ...parsed.data, refusedBy } };
}

/** Until the store answers: an operation waits for this, and a store that is away answers no commit either. */
async function readLease({ store, keys, clock, signal }: Performer['deps'], service: string, node: string) {
  while (!signal.aborted) {
    try {
      return await store.get(keys.lease(service, node));
    } catch {
      await clock.sleep(RETRY_MS, { signal }).catch(() => undefined);
    }
  }
  return { value: '' };
}

/** A promise that was read once holds for as long as the process lives that gave it, and no other process speaks for it. */
async function findRefuser(
  { view, keys, clock, generation, signal }: Performer['deps'],
  service: string,
  { asked, epoch }: Renewal,
): Promise<string | null> {
  const refuser = () =>
    view
      .list(keys.claims(service))
      .flatMap(({ value }) => parseClaimRecord(value) ?? [])
      .map((record) => refuserIn(record, asked, { generation, epoch }))
      .find((name) => name !== null) ?? null;
  if (asked.length === 0 || refuser() !== null) return refuser();
  const found = new AbortController();
  const stop = view.onChange(keys.claims(service), () => refuser() !== null && found.abort());
  await clock
    .sleep(REFUSAL_MAX_MS, { signal: AbortSignal.any([signal, found.signal]) })
    .catch(() => undefined)
    .finally(stop);
  return refuser();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
