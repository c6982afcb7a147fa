// The zones of one account: their record sets, the changes that are on their way to the name servers, and what a reader sees.
import { randomBytes } from 'node:crypto';
import { ApiError } from './api-error.ts';
import { applyBatch, type RecordSets } from './apply-batch.ts';
import type { Input } from './read-input.ts';
import { compareSets, type RecordSet, recordSet, setKey } from './record-set.ts';

export type Zone = {
  readonly id: string;
  readonly name: string;
  readonly nameServers: readonly string[];
  sets: RecordSets;
  /** What was there before the last change, and how many more lists show it. */
  earlier: { readonly sets: RecordSets; listsLeft: number };
  busyUntilMs: number;
};

type Change = { readonly id: string; readonly atMs: number; readonly comment: string | null; readsLeft: number };

export type Pace = {
  /** GetChange calls that say PENDING, and the least time that it takes. */
  pendingReads: number;
  pendingMs: number;
  /** Lists that still show the zone as it was before a change. The service promises none. */
  staleLists: number;
  /** How long a zone takes no other change, which is answered with PriorRequestNotComplete. */
  busyMs: number;
};

const NAME_SERVERS = ['ns-1.awsdns-00.com', 'ns-513.awsdns-00.net', 'ns-1025.awsdns-00.org', 'ns-1537.awsdns-00.co.uk'];
/** Changes that are remembered; a test makes far fewer. */
const CHANGES_MAX = 10_000;

export class HostedZones {
  readonly #zones = new Map<string, Zone>();
  readonly #changes = new Map<string, Change>();
  readonly pace: Pace = { pendingReads: 1, pendingMs: 0, staleLists: 0, busyMs: 0 };

  /** Creates a zone with the NS and SOA that every zone begins with; answers its id. */
  create(name: string, id = `Z${randomId()}`): string {
    const start: readonly Input[] = [
      {
        Name: name,
        Type: 'NS',
        TTL: 172_800,
        ResourceRecords: NAME_SERVERS.map((server) => ({ Value: `${server}.` })),
      },
      {
        Name: name,
        Type: 'SOA',
        TTL: 900,
        ResourceRecords: [{ Value: `${NAME_SERVERS[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400` }],
      },
    ];
    const sets = new Map(start.map((fields) => [setKey(recordSet(fields)), recordSet(fields)]));
    const earlier = { sets, listsLeft: 0 };
    this.#zones.set(id, { id, name, nameServers: NAME_SERVERS, sets, earlier, busyUntilMs: 0 });
    return id;
  }

  find(id: string): Zone {
    const zone = this.#zones.get(id);
    if (zone === undefined) throw new ApiError(404, 'NoSuchHostedZone', `No hosted zone found with ID: ${id}`);
    return zone;
  }

  all(): readonly Zone[] {
    return [...this.#zones.values()];
  }

  /** Does a change batch now; answers the change. */
  change(zoneId: string, batch: Input, nowMs: number): Change {
    const zone = this.find(zoneId);
    if (nowMs < zone.busyUntilMs)
      throw new ApiError(
        400,
        'PriorRequestNotComplete',
        'The request was rejected because Route 53 was still processing a prior request.',
      );
    const result = applyBatch(zone.name, zone.sets, batch);
    if (result.kind === 'invalidInput') throw new ApiError(400, 'InvalidInput', result.message);
    if (result.kind === 'invalidBatch') throw new ApiError(400, 'InvalidChangeBatch', ...result.messages);
    zone.earlier = { sets: zone.sets, listsLeft: this.pace.staleLists };
    zone.sets = result.sets;
    zone.busyUntilMs = nowMs + this.pace.busyMs;
    if (this.#changes.size >= CHANGES_MAX) throw new Error(`Cannot remember more than ${CHANGES_MAX} changes`);
    const comment = batch.Comment === undefined ? null : `${batch.Comment}`;
    const change: Change = { id: `C${randomId()}`, atMs: nowMs, comment, readsLeft: this.pace.pendingReads };
    this.#changes.set(change.id, change);
    return change;
  }

  /** A read of a change; reading brings it nearer to INSYNC. */
  readChange(id: string, nowMs: number): { readonly change: Change; readonly isInSync: boolean } {
    const change = this.#changes.get(id);
    if (change === undefined) throw new ApiError(404, 'NoSuchChange', `Could not find resource with ID: ${id}`);
    const isInSync = change.readsLeft <= 0 && nowMs - change.atMs >= this.pace.pendingMs;
    change.readsLeft -= 1;
    return { change, isInSync };
  }

  /** The sets in the order of a list. */
  list(zoneId: string): readonly RecordSet[] {
    const zone = this.find(zoneId);
    const isLate = zone.earlier.listsLeft > 0;
    zone.earlier.listsLeft -= 1;
    return [...(isLate ? zone.earlier.sets : zone.sets).values()].toSorted(compareSets);
  }
}

function randomId(): string {
  return randomBytes(10).toString('hex').toUpperCase();
}
