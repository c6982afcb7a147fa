// Watches which of two PostgreSQL servers is the primary, and says so only where it is proven that both were at once. A server that
// takes writes does so until its first process ends, so each start of a server has at most one reign: all that lies between
// two answers of the same start is known, however slow they were. What falls between two questions stands in the server's log.
import { setTimeout as sleep } from 'node:timers/promises';
import { NODES, type NodeName } from './cluster-files.ts';
import type { PostgresPair } from './postgres-pair.ts';

const WATCH_MS = 100;

/** From the first to the last time at which one start of a server was certainly a primary, in ms since 1970. */
export type Reign = {
  readonly node: NodeName;
  /** What tells one start of a server from the next, in the words of whoever saw it. */
  readonly start: string;
  readonly fromWallMs: number;
  readonly toWallMs: number;
};

/** One answer of a primary; it was true at some time between the two. */
export type PrimaryAnswer = {
  readonly node: NodeName;
  readonly start: string;
  readonly askedWallMs: number;
  readonly answeredWallMs: number;
};

export type PrimariesWatch = { readonly stop: () => Promise<readonly Reign[]> };

/** `stop` resolves with every reign that was seen, from answers and from the logs. */
export function watchPrimaries(pair: PostgresPair): PrimariesWatch {
  const answers: PrimaryAnswer[] = [];
  let isWatching = true;
  const watch = async (node: NodeName): Promise<void> => {
    while (isWatching) {
      const askedWallMs = Date.now();
      const start = await pair.primarySince(node);
      if (start !== null) answers.push({ node, start, askedWallMs, answeredWallMs: Date.now() });
      await sleep(WATCH_MS);
    }
  };
  // Beside each other: a server that is slow to answer must not keep the other one from being looked at.
  const watched = Promise.all(NODES.map(watch));
  const stop = async (): Promise<readonly Reign[]> => {
    isWatching = false;
    await watched;
    return [...reignsAnswered(answers), ...NODES.flatMap((node) => reignsLogged(node, pair.log(node)))];
  };
  return { stop };
}

/** `fromWallMs` may lie after `toWallMs`: one slow answer alone tells only that it was true in between. */
export function reignsAnswered(answers: readonly PrimaryAnswer[]): readonly Reign[] {
  const reigns = new Map<string, Reign>();
  for (const { node, start, askedWallMs, answeredWallMs } of answers) {
    const key = `${node} ${start}`;
    const { fromWallMs = answeredWallMs, toWallMs = askedWallMs } = reigns.get(key) ?? {};
    reigns.set(key, {
      node,
      start,
      fromWallMs: Math.min(fromWallMs, answeredWallMs),
      toWallMs: Math.max(toWallMs, askedWallMs),
    });
  }
  return [...reigns.values()];
}

/** `2026-01-02 03:04:05.678 UTC [123] LOG:  text`, the default of log_line_prefix with log_timezone = UTC. */
const LINE = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3}) UTC \[\d+\] \w+: +(.*)$/;

/**
 * From "ready to accept connections", which a standby says when it is promoted, to the last line of that start: a server that
 * is told to stop writes one when all of it has ended, one that was killed leaves it open how long it lived on.
 */
export function reignsLogged(node: NodeName, log: string): readonly Reign[] {
  const reigns: Reign[] = [];
  let isReigning = false;
  for (const line of log.split('\n')) {
    const [, date, time, text = ''] = LINE.exec(line) ?? [];
    if (date === undefined) continue;
    const wallMs = Date.parse(`${date}T${time}Z`);
    if (text.startsWith('starting PostgreSQL')) isReigning = false;
    const last = reigns.at(-1);
    if (isReigning && last !== undefined) {
      reigns[reigns.length - 1] = { ...last, toWallMs: wallMs };
    } else if (text === 'database system is ready to accept connections') {
      isReigning = true;
      reigns.push({ node, start: `its log, ready at ${time}`, fromWallMs: wallMs, toWallMs: wallMs });
    }
  }
  return reigns;
}

/** Pairs of reigns of both servers that certainly had an instant in common. */
export function overlapsOf(reigns: readonly Reign[]): readonly string[] {
  const [first, second] = NODES.map((node) => reigns.filter((reign) => reign.node === node));
  return (first ?? []).flatMap((one) =>
    (second ?? [])
      .filter((other) => one.fromWallMs <= other.toWallMs && other.fromWallMs <= one.toWallMs)
      .map((other) => `${describeReign(one)}; ${describeReign(other)}`),
  );
}

export function describeReign({ node, start, fromWallMs, toWallMs }: Reign): string {
  const [from, to] = [fromWallMs, toWallMs].map((wallMs) => new Date(wallMs).toISOString().slice(11, 23));
  return `${node} (${start}) from ${from} to ${to}`;
}
