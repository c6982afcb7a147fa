// Asks every name server of the demo for the service's address, again and again, by the resolver of Node.js (not by our own
// code), and remembers when the answer of each changed.
import { Resolver } from 'node:dns/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { DemoPlace } from './demo-place.ts';

const NAME = 'web.ha.example.com';
const POLL_MS = 40;
const QUERY_TIMEOUT_MS = 1_000;

/** An address, `none` for a name without addresses, `silent` for no reply, else the error code of the resolver. */
export type Answer = string;
export type Seen = { readonly answer: Answer; readonly wallMs: number };

export class DnsWatch {
  readonly #seen = new Map<string, Seen[]>();
  readonly #latest = new Map<string, Answer>();
  readonly #end = new AbortController();
  readonly #loops: readonly Promise<void>[];

  constructor(servers: DemoPlace['servers']) {
    this.#loops = servers.map(({ name, port }) => this.#follow(name, port));
  }

  /** What each server answered last, silence included. */
  now(): ReadonlyMap<string, Answer> {
    return this.#latest;
  }

  /** Every change of a server's answer, oldest first. */
  changes(): ReadonlyMap<string, readonly Seen[]> {
    return this.#seen;
  }

  /** What the servers answered at that moment: one answer when they agree. */
  answerAt(wallMs: number): string {
    const answers = [...this.#seen.values()].map((seen) => seen.findLast((one) => one.wallMs <= wallMs)?.answer ?? '-');
    return [...new Set(answers)].join(' / ');
  }

  /** When every server had given `answer` for the first time after `sinceWallMs`; null if one has not. */
  reachedAll(answer: Answer, sinceWallMs: number): number | null {
    const times = [...this.#seen.values()].map(
      (seen) => seen.find((one) => one.answer === answer && one.wallMs >= sinceWallMs)?.wallMs ?? Number.NaN,
    );
    const last = Math.max(...times);
    return Number.isNaN(last) ? null : last;
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await Promise.all(this.#loops);
  }

  async #follow(server: string, port: number): Promise<void> {
    const resolver = new Resolver({ timeout: QUERY_TIMEOUT_MS, tries: 1 });
    resolver.setServers([`127.0.0.1:${port}`]);
    const seen: Seen[] = [];
    this.#seen.set(server, seen);
    this.#latest.set(server, 'silent');
    const { signal } = this.#end;
    while (!signal.aborted) {
      const answer = await ask(resolver);
      this.#latest.set(server, answer);
      // A query that got lost says nothing about what the server would have answered.
      const isNews = seen.at(-1)?.answer !== answer && answer !== 'silent';
      if (isNews) seen.push({ answer, wallMs: Date.now() });
      await delay(POLL_MS, null, { signal }).catch(() => null);
    }
  }
}

async function ask(resolver: Resolver): Promise<Answer> {
  try {
    return (await resolver.resolve4(NAME)).join(' ');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENODATA' || code === 'ENOTFOUND') return 'none';
    return code === 'ETIMEOUT' || code === 'ECONNREFUSED' ? 'silent' : String(code);
  }
}
