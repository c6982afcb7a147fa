// One zone of the double: its records and what each call does to them. A batch works on a copy that replaces the original
// only when every part of it went through, as the vendor's one database transaction does.
import { randomUUID } from 'node:crypto';
import { batchTooLarge, noRecord } from './api-error.ts';
import { checkNeighbours, checkRecord, type DoubleRecord, isProxiable, type Plan, storedName } from './record-rules.ts';
import type { RecordBatch, RecordPatch, RecordPost, RecordQuery } from './request-schema.ts';

export type ZoneOptions = { readonly id: string; readonly name: string; readonly plan?: Plan };

export type BatchResult = { readonly [Part in keyof RecordBatch]: readonly object[] };

/** Batch record changes, https://developers.cloudflare.com/dns/manage-dns-records/how-to/batch-record-changes/ */
const BATCH_MAX: Readonly<Record<Plan, number>> = { free: 200, enterprise: 3_500 };

export class DoubleZone {
  readonly id: string;
  readonly name: string;
  readonly plan: Plan;
  #records: ReadonlyMap<string, DoubleRecord> = new Map();
  #clock = 0;

  constructor({ id, name, plan = 'free' }: ZoneOptions) {
    this.id = id;
    this.name = name;
    this.plan = plan;
  }

  /** What a person does in the dashboard: the same rules, and no token. */
  add(record: RecordPost): object {
    return this.batch({ deletes: [], patches: [], puts: [], posts: [record] }).posts[0] as object;
  }

  edit(id: string, change: RecordPatch): object {
    return this.batch({ deletes: [], patches: [{ ...change, id }], puts: [], posts: [] }).patches[0] as object;
  }

  remove(id: string): object {
    return this.batch({ deletes: [{ id }], patches: [], puts: [], posts: [] }).deletes[0] as object;
  }

  overwrite(id: string, record: RecordPost): object {
    return this.batch({ deletes: [], patches: [], puts: [{ ...record, id }], posts: [] }).puts[0] as object;
  }

  get(id: string): object {
    const found = this.#records.get(id);
    if (found === undefined) throw noRecord();
    return shown(found);
  }

  get records(): readonly DoubleRecord[] {
    return [...this.#records.values()];
  }

  list({ filters, type, proxied, isAny, page, perPage }: RecordQuery): {
    readonly result: readonly object[];
    readonly result_info: object;
  } {
    const tests = [
      ...filters.map(
        ({ field, how, value }) =>
          (record: DoubleRecord) =>
            compares(record[field], how, value),
      ),
      ...(type === null ? [] : [(record: DoubleRecord) => record.type === type]),
      ...(proxied === null ? [] : [(record: DoubleRecord) => record.proxied === proxied]),
    ];
    const isListed = (record: DoubleRecord) =>
      tests.length === 0 || (isAny ? tests.some((passes) => passes(record)) : tests.every((passes) => passes(record)));
    const found = this.records.filter(isListed);
    const result = found.slice((page - 1) * perPage, page * perPage).map(shown);
    const pages = Math.ceil(found.length / perPage);
    return {
      result,
      result_info: { page, per_page: perPage, count: result.length, total_count: found.length, total_pages: pages },
    };
  }

  /** Deletes, patches, puts, posts: in this order whatever the order of the request, and all of it or nothing. */
  batch(batch: RecordBatch): BatchResult {
    const before = this.#records;
    const most = BATCH_MAX[this.plan];
    if (Object.values(batch).flat().length > most) throw batchTooLarge(most);
    try {
      const deletes = batch.deletes.map(({ id }) => this.#delete(id));
      const patches = batch.patches.map(({ id, ...change }) => this.#patch(id, change));
      const puts = batch.puts.map(({ id, ...record }) => this.#replace(id, record));
      const posts = batch.posts.map((record) => this.#put(randomUUID().replaceAll('-', ''), record));
      return { deletes, patches, puts, posts };
    } catch (error) {
      this.#records = before;
      throw error;
    }
  }

  #delete(id: string): object {
    const gone = this.get(id);
    this.#records = new Map([...this.#records].filter(([key]) => key !== id));
    return gone;
  }

  #patch(id: string, { settings, ...change }: RecordPatch): object {
    const found = this.#records.get(id);
    if (found === undefined) throw noRecord();
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    const merged = { ...found, ...given, settings: { ...found.settings, ...settings } } as DoubleRecord;
    return this.#store({ ...merged, name: storedName(merged.name, this.name) });
  }

  #replace(id: string, record: RecordPost): object {
    this.get(id);
    return this.#put(id, record);
  }

  /** With the id of a record it replaces that one, and what is not said becomes the default. */
  #put(id: string, record: RecordPost): object {
    const found = this.#records.get(id);
    return this.#store({
      id,
      name: storedName(record.name, this.name),
      type: record.type,
      content: record.content,
      priority: record.type === 'MX' ? record.priority : null,
      ttl: record.ttl ?? 1,
      proxied: record.proxied ?? false,
      comment: record.comment ?? null,
      tags: record.tags ?? [],
      settings: record.settings ?? {},
      createdOn: found?.createdOn ?? this.#now(),
      modifiedOn: this.#now(),
    });
  }

  #store(record: DoubleRecord): object {
    const checked = checkRecord({ ...record, modifiedOn: this.#now() }, this.plan);
    checkNeighbours(checked, this.records, this.name);
    this.#records = new Map(this.#records).set(checked.id, checked);
    return shown(checked);
  }

  /** Times that differ for each change, without reading a clock. */
  #now(): string {
    this.#clock += 1;
    return new Date(1_700_000_000_000 + this.#clock).toISOString();
  }
}

/** Filters of names, contents and comments do not look at case. */
function compares(held: string, how: string, wanted: string): boolean {
  const [left, right] = [held.toLowerCase(), wanted.toLowerCase()];
  switch (how) {
    case 'contains':
      return left.includes(right);
    case 'startswith':
      return left.startsWith(right);
    case 'endswith':
      return left.endsWith(right);
    default:
      return left === right;
  }
}

function shown({ priority, createdOn, modifiedOn, ...record }: DoubleRecord): object {
  return {
    ...record,
    ...(priority === null ? {} : { priority }),
    proxiable: isProxiable(record.type),
    meta: {},
    created_on: createdOn,
    modified_on: modifiedOn,
  };
}
