// A zone at somebody else, as tests with real probers need it: what stands in the configuration, what the zone holds, and a hand
// on the wire that keeps a write back until it is let go.

export type HeldRecord = { readonly type: string; readonly ttl: number; readonly value: string };
export type WriteFate = 'pass' | 'loseAnswer' | 'loseRequest';

export type ProviderPlace = AsyncDisposable & {
  /** Name of the zone, without the dot at its end. */
  readonly zone: string;
  /** The entry of `providers`, in one line. */
  readonly written: string;
  /** Secrets that the entry takes from the environment of each process. */
  readonly env: Readonly<Record<string, string>>;
  /** Addresses and texts at `name` and its ownership, sorted. */
  readonly contents: (name: string) => readonly string[];
  /** What the zone holds at `name` and its ownership. */
  readonly records: (name: string) => readonly HeldRecord[];
  /** Somebody else's hand: the address at `name` becomes this one, and nothing else changes. */
  readonly edit: (name: string, address: string) => void;
  /** Requests to change the zone that have arrived, and those of them that were done. */
  readonly writes: () => { readonly arrived: number; readonly done: number };
  /** What becomes of each request to change the zone from now on. */
  readonly setFate: (fate: WriteFate) => void;
  /** Where its first name server answers. */
  readonly port: number;
  /** Keeps the next write from being done; `arrived` is told when it is here. */
  readonly park: (arrived: () => void) => void;
  /** Lets go what was kept; for each write whether the provider did it. */
  readonly release: () => Promise<readonly ('done' | 'refused')[]>;
};
