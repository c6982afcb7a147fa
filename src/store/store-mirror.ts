// Keeps a StoreView current: list once, then follow the watch; list again after a resync, a failure or a long silence (S6).
// Journals and histories are left out: they only grow, and whoever wants them asks the store.
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store, WatchEvent } from '../ports/store.ts';
import type { StoreView } from '../ports/store-view.ts';
import { ChangeListeners } from './change-listeners.ts';
import { SortedEntries } from './sorted-entries.ts';

export type StoreMirrorOptions = {
  readonly store: Store;
  readonly root: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A watch silent for this long is not believed any more and everything is listed again. */
  readonly watchTimeoutMs: number;
  readonly signal: AbortSignal;
};

type Change = Exclude<WatchEvent, { kind: 'resync' }>;

/** Pause before the store is asked again after a failure: short, because name servers wait for it. */
const RETRY_MS = 200;

export function startStoreMirror(options: StoreMirrorOptions): StoreView {
  const mirror = new StoreMirror(options);
  void mirror.follow();
  return mirror.view;
}

class StoreMirror {
  readonly view: StoreView;
  readonly #options: StoreMirrorOptions;
  readonly #entries = new SortedEntries();
  readonly #listeners = new ChangeListeners();
  readonly #leftOut: readonly string[];
  #revision = 0;
  /** When the list was asked for that the living watch follows; null while there is none. */
  #loadedAtMonoMs: number | null = null;
  #provenAtMonoMs: number | null = null;
  #markReady: () => void = () => undefined;

  constructor(options: StoreMirrorOptions) {
    this.#options = options;
    this.#leftOut = [`${options.root}journal/`, `${options.root}history/`];
    this.view = {
      get: (key) => this.#entries.get(key),
      list: (prefix) => this.#entries.list(prefix),
      revision: () => this.#revision,
      confirmedAtMonoMs: () => this.#confirmedAt(),
      onChange: (prefix, call) => this.#listeners.add(prefix, call),
      ready: new Promise((resolve) => {
        this.#markReady = resolve;
      }),
    };
  }

  async follow(): Promise<void> {
    const { signal, clock, logger } = this.#options;
    while (!signal.aborted) {
      try {
        await this.#load();
        await this.#watch();
      } catch (error) {
        if (signal.aborted) return;
        this.#loadedAtMonoMs = null;
        logger.debug({ err: error }, 'the store cannot be followed; trying again');
        await clock.sleep(RETRY_MS, { signal }).catch(() => undefined);
      }
    }
  }

  async #load(): Promise<void> {
    const { store, root, clock } = this.#options;
    const askedAt = clock.monotonicMs();
    const { entries, revision } = await store.list(root);
    const before = new Map(this.#entries.list('').map((entry) => [entry.key, entry.version]));
    const kept = entries.filter((entry) => !this.#isLeftOut(entry.key));
    this.#entries.replace(kept);
    const changed = kept.filter(({ key, version }) => before.get(key) !== version).map(({ key }) => key);
    for (const { key } of kept) before.delete(key);
    this.#revision = revision;
    this.#loadedAtMonoMs = askedAt;
    this.#prove(askedAt);
    this.#markReady();
    this.#listeners.tell([...changed, ...before.keys()]);
  }

  async #watch(): Promise<void> {
    const { store, root, signal, clock, watchTimeoutMs } = this.#options;
    const silence = new AbortController();
    const stop = AbortSignal.any([signal, silence.signal]);
    const commit: Change[] = [];
    let timer = clock.timer(watchTimeoutMs, () => silence.abort());
    try {
      for await (const event of store.watch(root, { fromRevision: this.#revision, signal: stop })) {
        timer.stop();
        timer = clock.timer(watchTimeoutMs, () => silence.abort());
        if (event.kind === 'resync') return;
        commit.push(event);
        if (event.isLast) this.#apply(commit.splice(0));
      }
    } finally {
      timer.stop();
    }
  }

  /** Takes a commit in as a whole: half a zone change must never be served (S29). */
  #apply(commit: readonly Change[]): void {
    const touched: string[] = [];
    for (const event of commit) {
      const key = event.kind === 'put' ? event.entry.key : event.key;
      this.#revision = Math.max(this.#revision, event.revision);
      if (this.#isLeftOut(key)) continue;
      if (event.kind === 'put') this.#entries.set(event.entry);
      else this.#entries.delete(key);
      touched.push(key);
    }
    this.#confirmedAt();
    this.#listeners.tell(touched);
  }

  #isLeftOut(key: string): boolean {
    return this.#leftOut.some((prefix) => key.startsWith(prefix));
  }

  /**
   * While the watch lives, every successful call of the store proves that nothing was missed. What was proven stays proven: a
   * store that is away for a moment must not look as old as the last list, which may be from hours ago (S30).
   */
  #confirmedAt(): number | null {
    if (this.#loadedAtMonoMs === null) return this.#provenAtMonoMs;
    const health = this.#options.store.health();
    if (health.kind === 'reachable') this.#prove(health.lastSuccessMonoMs);
    return this.#provenAtMonoMs;
  }

  #prove(atMonoMs: number): void {
    this.#provenAtMonoMs = Math.max(this.#provenAtMonoMs ?? atMonoMs, atMonoMs);
  }
}
