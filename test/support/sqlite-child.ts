// A process of its own that uses a store file: `node sqlite-child.ts <role> <path>`. It prints one line per event, and ends
// when its standard input does.
import { DatabaseSync } from 'node:sqlite';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import type { Store } from '../../src/ports/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { commit, increment, put } from './store-calls.ts';

const [role = '', path = '', amount = '0'] = process.argv.slice(2);
const BOUNDS = { rho: 0.01, marginMs: 50 };

const ROLES: Readonly<Record<string, () => Promise<void>>> = { hold, loop, count, lock, open, fill };

process.stdin.on('end', () => process.exit(0)).resume();
// A root user may do everything, which would prove nothing about permissions.
if (role === 'open' && process.getuid?.() === 0) process.setuid?.(65_534);
await ROLES[role]?.();

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function connect(): Promise<Store> {
  // Two of them on a busy machine keep each other waiting.
  return openSqliteStore({ path, clock: createSystemClock(), bounds: BOUNDS, lockWaitMs: 30_000 });
}

/** Holds a session with one key until killed. */
async function hold(): Promise<void> {
  const store = await connect();
  const session = await store.openSession({ id: `child-${process.pid}`, ttlMs: Number(amount) });
  await put(store, '/held', 'by the child', session.id);
  say('held');
}

/** Puts two keys together, for ever, and prints what was committed. */
async function loop(): Promise<void> {
  const store = await connect();
  for (let round = 1; ; round++) {
    const value = String(round);
    const writes = [
      { kind: 'put', key: '/left', value },
      { kind: 'put', key: '/right', value },
    ] as const;
    if ((await commit(store, { writes })).kind === 'committed') say(value);
  }
}

async function count(): Promise<void> {
  const store = await connect();
  for (let round = 0; round < Number(amount); round++) await increment(store, '/n');
  await store[Symbol.asyncDispose]();
  say('counted');
}

/** Keeps the file locked against writers, as a shell or a backup might. */
async function lock(): Promise<void> {
  const db = new DatabaseSync(path);
  db.exec('BEGIN EXCLUSIVE');
  say('locked');
}

async function open(): Promise<void> {
  try {
    await using store = await connect();
    await store.list('');
    say('opened');
  } catch (error) {
    say(error instanceof Error && 'code' in error ? String(error.code) : String(error));
  }
}

/** Commits until one ends in another way than `committed`, and prints how, with its token. */
async function fill(): Promise<void> {
  const store = await connect();
  for (let round = 0; ; round++) {
    const token = `fill-${round}`;
    const write = { kind: 'put', key: '/filled', value: `${round} ${'x'.repeat(2_000)}` } as const;
    const result = await store.commit({ guards: [], writes: [write], token });
    if (result.kind === 'committed') continue;
    say(`${result.kind} ${token} ${store.health().kind}`);
    return;
  }
}
