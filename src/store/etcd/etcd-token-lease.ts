// The lease under which tokens of commits are written, so that etcd forgets them by itself. It is never renewed and decides
// nothing: a token is kept for at least ten minutes, and a commit of unknown outcome is settled within seconds (S6).
import type { Clock } from '../../base/clock.ts';
import { OneupError } from '../../base/oneup-error.ts';
import type { EtcdClient } from './etcd-client.ts';
import { asObject } from './etcd-records.ts';

const KEPT_SECONDS = 1_200;
/** A new lease half-way: what is written last under the old one is kept for the other half. */
const USED_MS = (KEPT_SECONDS * 1_000) / 2;

export class EtcdTokenLease {
  readonly #client: EtcdClient;
  readonly #clock: Clock;
  #lease: { readonly id: string; readonly untilBootMs: number } | null = null;
  #granting: Promise<string> | null = null;

  constructor(client: EtcdClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** The id of a lease that lives for ten more minutes at least. */
  async current(signal: AbortSignal): Promise<string> {
    const lease = this.#lease;
    if (lease !== null && this.#clock.bootMs() < lease.untilBootMs) return lease.id;
    this.#granting ??= this.#grant(signal).finally(() => {
      this.#granting = null;
    });
    return this.#granting;
  }

  /** etcd does not know it any more: it was suspended with its machine, or restored. */
  forget(): void {
    this.#lease = null;
  }

  async #grant(signal: AbortSignal): Promise<string> {
    const untilBootMs = this.#clock.bootMs() + USED_MS;
    const { value } = await this.#client.ask('/v3/lease/grant', { TTL: String(KEPT_SECONDS) }, signal);
    const { ID: id } = asObject(value);
    if (typeof id !== 'string') {
      throw new OneupError('ONEUP_STORE_UNREACHABLE', 'Cannot understand etcd: a lease without an id');
    }
    this.#lease = { id, untilBootMs };
    return id;
  }
}
