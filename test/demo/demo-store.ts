// The store of the demo: the file of its configuration, or a server of another kind that is started for it and ended with it.
import { startEtcd } from '../support/servers/etcd-server.ts';

const KINDS = ['sqlite', 'etcd'] as const;
export type DemoStoreKind = (typeof KINDS)[number];

export type DemoStore = AsyncDisposable & {
  /** What stands behind `store:`, or null for what the file says. */
  readonly written: string | null;
  /** For people. */
  readonly words: string;
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
  if (kind === 'sqlite') return { written: null, words: 'sqlite', [Symbol.asyncDispose]: async () => {} };
  const servers = await startEtcd({ members: 3 });
  const written = `{ kind: etcd, endpoints: ${JSON.stringify(servers.endpoints)}, callTimeout: 1s }`;
  return { written, words: 'etcd with three members', [Symbol.asyncDispose]: () => servers[Symbol.asyncDispose]() };
}
