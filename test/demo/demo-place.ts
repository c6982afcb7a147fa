// Where the demo happens: a directory of its own with a configuration, the node scripts and free ports.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type NodeName = 'a' | 'b';

export type DemoPlace = {
  readonly folder: string;
  readonly configFile: string;
  readonly servers: readonly { readonly prober: string; readonly port: number }[];
  readonly addresses: Readonly<Record<NodeName, string>>;
  readonly httpPort: number;
  readonly remove: () => Promise<void>;
};

const PROBERS = ['p1', 'p2', 'p3'];
const ADDRESSES = { a: '127.0.0.21', b: '127.0.0.22' } as const;
const TRIES_MAX = 50;

/** `store` is written in place of the one of the template, unless it is null. */
export async function preparePlace(store: string | null): Promise<DemoPlace> {
  const folder = await mkdtemp(join(tmpdir(), 'oneup-demo-'));
  const source = fileURLToPath(new URL('.', import.meta.url));
  await cp(join(source, 'node'), join(folder, 'node'), { recursive: true });
  const ports: number[] = [];
  for (const _ of PROBERS) ports.push(await freePort(['127.0.0.1'], ports));
  const httpPort = await freePort(Object.values(ADDRESSES), ports);
  const template = await readFile(join(source, 'oneup.yaml'), 'utf8');
  const configFile = join(folder, 'oneup.yaml');
  const text = withPorts(template, [...ports, httpPort]);
  await writeFile(configFile, store === null ? text : text.replace(/^( +store: ).*$/m, (_, key) => `${key}${store}`));
  return {
    folder,
    configFile,
    servers: PROBERS.map((prober, index) => ({ prober, port: ports[index] ?? 0 })),
    addresses: ADDRESSES,
    httpPort,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

const WRITTEN_PORTS = ['5301', '5302', '5303', '8081'];

function withPorts(template: string, ports: readonly number[]): string {
  const text = template.slice(template.indexOf('cluster:'));
  return text.replace(/\b(?:530[123]|8081)\b/g, (port) => String(ports[WRITTEN_PORTS.indexOf(port)]));
}

/** A port that is free for UDP and TCP on all `hosts`; a stranger may still take it before it is used. */
async function freePort(hosts: readonly string[], taken: readonly number[]): Promise<number> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const port = await portOf(hosts[0] ?? '127.0.0.1');
    const free = await Promise.all(hosts.map((host) => isFree(host, port)));
    if (!taken.includes(port) && free.every(Boolean)) return port;
  }
  throw new Error(`Cannot find a free port: ${TRIES_MAX} tries failed, hosts were ${hosts.join(', ')}`);
}

async function portOf(host: string): Promise<number> {
  const server = createTcp().listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('Cannot find a port: no address');
  return address.port;
}

async function isFree(host: string, port: number): Promise<boolean> {
  const udp = createSocket('udp4');
  const tcp = createTcp();
  try {
    udp.bind(port, host);
    await once(udp, 'listening');
    tcp.listen(port, host);
    await once(tcp, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    udp.close();
    tcp.close();
  }
}
