// Where the demo happens: a directory of its own with a configuration, the node scripts and free ports.

import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, freePorts } from '../support/servers/free-port.ts';
import type { DemoProvider } from './demo-provider.ts';

export type NodeName = 'a' | 'b';

export type DemoPlace = {
  readonly folder: string;
  readonly configFile: string;
  readonly probers: readonly string[];
  /** Who answers for the name: the probers themselves, or the name servers of the provider. */
  readonly servers: readonly { readonly name: string; readonly port: number }[];
  /** Longest wait for anything. */
  readonly patienceMs: number;
  readonly addresses: Readonly<Record<NodeName, string>>;
  readonly httpPort: number;
  readonly remove: () => Promise<void>;
};

const PROBERS = ['p1', 'p2', 'p3'];
const ADDRESSES = { a: '127.0.0.21', b: '127.0.0.22' } as const;

/** Nothing in the demo takes this long, not where several of them share two busy cores either. */
const PATIENCE_MS = 60_000;

/** `store` is written in place of the one of the template, unless it is null; a provider in place of our own name servers. */
export async function preparePlace(store: string | null, provider: DemoProvider | null): Promise<DemoPlace> {
  const folder = await mkdtemp(join(tmpdir(), 'oneup-demo-'));
  const source = fileURLToPath(new URL('.', import.meta.url));
  await cp(join(source, 'node'), join(folder, 'node'), { recursive: true });
  const ports = await freePorts(PROBERS.length);
  const httpPort = await freePort();
  const template = await readFile(join(source, 'oneup.yaml'), 'utf8');
  const configFile = join(folder, 'oneup.yaml');
  const own = withPorts(template, [...ports, httpPort]);
  const text = provider === null ? own : withProvider(own, provider);
  const written = store === null ? text : text.replace(/^( +store: ).*$/m, (_, key) => `${key}${store}`);
  // It may hold a secret, which is refused where others could read it.
  await writeFile(configFile, written, { mode: 0o600 });
  return {
    folder,
    configFile,
    probers: PROBERS,
    servers: provider?.servers ?? PROBERS.map((name, index) => ({ name, port: ports[index] ?? 0 })),
    patienceMs: PATIENCE_MS + (provider?.ttlMaxSeconds ?? 0) * 2_000,
    addresses: ADDRESSES,
    httpPort,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function withProvider(text: string, { written, servers, resolver }: DemoProvider): string {
  const asked = JSON.stringify(servers.map(({ port }) => `127.0.0.1:${port}`));
  const zone = `dns:\n  resolvers: ["127.0.0.1:${resolver}"]\n  patience: 10s\n`;
  const providers = `providers:\n  elsewhere: { ${written}, servers: ${asked} }\n`;
  return text.replace(/^dns:\n.*\n/m, zone + providers).replace('provider: builtin', 'provider: elsewhere');
}

const WRITTEN_PORTS = ['5301', '5302', '5303', '8081'];

function withPorts(template: string, ports: readonly number[]): string {
  const text = template.slice(template.indexOf('cluster:'));
  return text.replace(/\b(?:530[123]|8081)\b/g, (port) => String(ports[WRITTEN_PORTS.indexOf(port)]));
}
