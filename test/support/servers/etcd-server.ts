// Real etcd on loopback: one member or a cluster, each with its data in a directory of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './free-port.ts';
import { StartedServer } from './started-server.ts';

export type EtcdOptions = {
  /** Members of the cluster [1]. */
  readonly members?: number;
  /** More arguments for each member, such as those for TLS. */
  readonly args?: readonly string[];
  readonly scheme?: 'http' | 'https';
  /** Without the settings that oneup asks for: etcd's own limits. */
  readonly hasOwnLimits?: boolean;
  /** Asks a member whether it serves; the default asks its health without TLS. */
  readonly isReady?: (url: string) => Promise<boolean>;
};

export type EtcdServers = AsyncDisposable & {
  readonly endpoints: readonly string[];
  readonly members: readonly StartedServer[];
};

/** What docs/stores.md asks for. */
const LIMITS = ['--max-txn-ops', '8192', '--max-request-bytes', '33554432'];

export async function startEtcd(options: EtcdOptions = {}): Promise<EtcdServers> {
  const { members: count = 1, args = [], scheme = 'http', hasOwnLimits = false, isReady = isHealthy } = options;
  const directory = mkdtempSync(join(tmpdir(), 'oneup-etcd-'));
  const ports = await freePorts(count * 2);
  const clientUrls = ports.slice(0, count).map((port) => `${scheme}://127.0.0.1:${port}`);
  const peerUrls = ports.slice(count).map((port) => `http://127.0.0.1:${port}`);
  const cluster = peerUrls.map((url, index) => `m${index}=${url}`).join(',');
  const members = clientUrls.map((clientUrl, index) => {
    const peerUrl = peerUrls[index] ?? '';
    const own = ['--name', `m${index}`, '--data-dir', join(directory, `m${index}`)];
    const client = ['--listen-client-urls', clientUrl, '--advertise-client-urls', clientUrl];
    const peer = ['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl];
    const join_ = ['--initial-cluster', cluster, '--initial-cluster-state', 'new'];
    return new StartedServer({
      program: 'etcd',
      debianPackage: 'etcd-server',
      args: [...own, ...client, ...peer, ...join_, ...(hasOwnLimits ? [] : LIMITS), ...args],
      isReady: () => isReady(clientUrl),
    });
  });
  async function dispose(): Promise<void> {
    await Promise.all(members.map((member) => member.kill()));
    rmSync(directory, { recursive: true, force: true });
  }
  try {
    await Promise.all(members.map((member) => member.start()));
  } catch (error) {
    await dispose();
    throw error;
  }
  return { endpoints: clientUrls, members, [Symbol.asyncDispose]: dispose };
}

async function isHealthy(url: string): Promise<boolean> {
  const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(5_000) });
  return ((await response.json()) as { readonly health?: string }).health === 'true';
}

/** Asks a member over its gateway, as an administrator does; throws what it answers when that is no success. */
export async function askEtcd(endpoint: string, path: string, body: unknown): Promise<unknown> {
  const response = await fetch(`${endpoint}${path}`, { method: 'POST', body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`etcd refused ${path}: ${text}`);
  return JSON.parse(text);
}
