// The store of the demo: the file of its configuration, or a server of another kind that is started for it and ended with it.
import { ENGINE_KINDS, type EngineKind, startEngine } from '../support/servers/engines.ts';

const KINDS = ['sqlite', ...ENGINE_KINDS] as const;
export type DemoStoreKind = 'sqlite' | EngineKind;

export type DemoStore = AsyncDisposable & {
  /** What stands behind `store:`, or null for what the file says. */
  readonly written: string | null;
};

/** `--store etcd` or `--store=etcd`; null for a kind that the demo does not know. */
export function readStoreKind(args: readonly string[]): DemoStoreKind | null {
  const at = args.findIndex((arg) => arg === '--store' || arg.startsWith('--store='));
  if (at < 0) return 'sqlite';
  const value = args[at]?.startsWith('--store=') ? args[at]?.slice('--store='.length) : args[at + 1];
  return KINDS.find((kind) => kind === value) ?? null;
}

export const KNOWN_KINDS = KINDS.join(', ');

export async function startDemoStore(kind: DemoStoreKind): Promise<DemoStore> {
  return kind === 'sqlite' ? { written: null, [Symbol.asyncDispose]: async () => {} } : startEngine(kind);
}
