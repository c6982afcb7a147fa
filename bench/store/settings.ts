// What the benchmark of the stores measures and for how long, so that a figure can be repeated.
import { ENGINE_KINDS, type EngineKind } from '../../test/support/servers/engines.ts';

export type StoreKind = 'sqlite' | EngineKind;

export type StoreSettings = {
  readonly stores: readonly StoreKind[];
  /** Rounds over all stores; the median of the rounds is told. */
  readonly rounds: number;
  /** How long each rate is measured in a round. */
  readonly rateMs: number;
  /** Events timed in a round. */
  readonly events: number;
  readonly services: number;
  /** How long a cluster at rest is watched; what it writes in an hour is scaled from it. */
  readonly steadyMs: number;
};

const KINDS: readonly StoreKind[] = ['sqlite', ...ENGINE_KINDS];

/** `--rounds N`, `--rate-ms N`, `--events N`, `--services N`, `--steady-ms N`, `--stores KIND,KIND`; anything else is refused. */
export function readStoreSettings(argv: readonly string[]): StoreSettings {
  const numbers = { rounds: 5, 'rate-ms': 2_000, events: 200, services: 1_000, 'steady-ms': 15_000 };
  let stores = KINDS;
  for (let at = 0; at < argv.length; at += 2) {
    const name = (argv[at] ?? '').replace(/^--/, '');
    const value = argv[at + 1] ?? '';
    if (name === 'stores') stores = value.split(',').map(readKind);
    else if (name in numbers) numbers[name as keyof typeof numbers] = readCount(name, value);
    else throw new RangeError(`Cannot read benchmark options: --${name} is not one of them`);
  }
  const { rounds, events, services } = numbers;
  return { stores, rounds, events, services, rateMs: numbers['rate-ms'], steadyMs: numbers['steady-ms'] };
}

function readKind(text: string): StoreKind {
  const kind = KINDS.find((known) => known === text);
  if (kind === undefined) throw new RangeError(`Cannot read the store: expected one of ${KINDS}, value was ${text}`);
  return kind;
}

function readCount(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new RangeError(`Cannot read --${name}: expected a whole number from 1, value was ${text}`);
}
