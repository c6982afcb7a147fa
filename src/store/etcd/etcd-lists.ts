// Reading much from etcd: lists in pages that are all true at one revision, and the head with the sessions in one question.
import { OneupError } from '../../base/oneup-error.ts';
import type { StoreEntry } from '../../ports/store.ts';
import type { RemoteList, RemoteLook } from '../remote-backend.ts';
import type { EtcdClient } from './etcd-client.ts';
import { EtcdFailure } from './etcd-failure.ts';
import type { EtcdSnapshot } from './etcd-follower.ts';
import {
  asObject,
  type EtcdPair,
  type EtcdRecords,
  rangeEnd,
  readList,
  readPair,
  readRevision,
  toBase64,
} from './etcd-records.ts';
import * as etcd from './etcd-requests.ts';

const PAGE_KEYS = 500;
/** More than this holds up every other duty; no cluster has a tenth of it. */
const LIST_MAX = 50_000;
/** A list that is overtaken by etcd's compaction begins again, and not for ever. */
const ATTEMPTS = 3;

export class EtcdLists {
  readonly #client: EtcdClient;
  readonly #records: EtcdRecords;

  constructor(client: EtcdClient, records: EtcdRecords) {
    this.#client = client;
    this.#records = records;
  }

  async head(signal: AbortSignal): Promise<RemoteLook> {
    const { head, found } = await this.#readWithHead(etcd.readAll(this.#records.sessions), signal);
    return { revision: head, sessions: found.map((pair) => this.#records.readSession(pair)) };
  }

  async list(prefix: string, signal: AbortSignal): Promise<RemoteList> {
    const { entries, head } = await this.snapshot(prefix, signal);
    return { entries, revision: head };
  }

  async snapshot(prefix: string, signal: AbortSignal): Promise<EtcdSnapshot> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#snapshot(prefix, signal);
      } catch (error) {
        const isOvertaken = error instanceof OneupError && error.cause instanceof EtcdFailure;
        if (!isOvertaken || (error.cause as EtcdFailure).kind !== 'compacted' || attempt === ATTEMPTS) throw error;
      }
    }
  }

  async #snapshot(prefix: string, signal: AbortSignal): Promise<EtcdSnapshot> {
    const start = this.#records.entries(prefix);
    const range = { range_end: rangeEnd(start ?? ''), limit: String(PAGE_KEYS) };
    const first = { request_range: { key: toBase64(start ?? ''), ...range } };
    if (start === null) return { entries: [], ...(await this.#headOnly(signal)) };
    const { head, readAt, found } = await this.#readWithHead(first, signal);
    const entries: StoreEntry[] = found.map((pair) => this.#records.readEntry(pair));
    for (let page = found; page.length === PAGE_KEYS; ) {
      if (entries.length > LIST_MAX)
        throw new RangeError(`Cannot list: more than ${LIST_MAX} keys, value was ${prefix}`);
      // The key after the last one of this page: a zero byte makes the smallest that is greater.
      const key = Buffer.from(`${page.at(-1)?.key ?? ''}\0`).toString('base64');
      const body = { key, ...range, revision: String(readAt) };
      const { value } = await this.#client.ask('/v3/kv/range', body, signal);
      page = readList(asObject(value).kvs).map(readPair);
      entries.push(...page.map((pair) => this.#records.readEntry(pair)));
    }
    return { entries, head, readAt };
  }

  async #headOnly(signal: AbortSignal): Promise<{ readonly head: number; readonly readAt: number }> {
    const { head, readAt } = await this.#readWithHead(etcd.read(this.#records.head), signal);
    return { head, readAt };
  }

  async #readWithHead(
    op: etcd.EtcdOp,
    signal: AbortSignal,
  ): Promise<{ readonly head: number; readonly readAt: number; readonly found: readonly EtcdPair[] }> {
    const txn = { compare: [], success: [etcd.read(this.#records.head), op] };
    const { value } = await this.#client.ask('/v3/kv/txn', txn, signal);
    const [head = [], found = []] = readList(asObject(value).responses).map((response) =>
      readList(asObject(asObject(response).response_range).kvs).map(readPair),
    );
    return { head: head[0]?.modRevision ?? 0, readAt: readRevision(value), found };
  }
}
