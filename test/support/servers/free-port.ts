// Ports for servers that cannot choose one themselves, or that are started again where they were.
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer, type ListenOptions } from 'node:net';

/** Below the ports that Linux gives to whoever connects or asks for any (ip_local_port_range begins at 32768). */
const FIRST = 20_000;
const END = 32_000;
const TRIES_MAX = 1_000;

/**
 * Different ports that nobody has, on any address, for UDP and TCP. They stay reserved until this process ends, so that no
 * other caller gets one while its server is still coming up, is down for a while, or is meant to be missing.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  for (let tries = 0; ports.length < count; tries += 1) {
    if (tries >= TRIES_MAX) throw new Error(`Cannot find free ports: ${TRIES_MAX} tries failed`);
    const port = randomInt(FIRST, END);
    const reservation = await listen({ path: `\0oneup-test-port-${port}` });
    if (reservation === null) continue;
    if (await isFree(port)) ports.push(port);
    else await reservation.close();
  }
  return ports;
}

export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

async function isFree(port: number): Promise<boolean> {
  const tcp = await listen({ port, host: '0.0.0.0' });
  if (tcp === null) return false;
  const udp = createSocket('udp4');
  const isBound = await new Promise<boolean>((resolve) => {
    udp.once('error', () => resolve(false)).bind({ port, address: '0.0.0.0', exclusive: true }, () => resolve(true));
  });
  await Promise.all([tcp.close(), new Promise<void>((resolve) => udp.close(resolve))]);
  return isBound;
}

/** Null where somebody listens already. A path that begins with NUL is a name of Linux alone: no file is left (unix(7)). */
function listen(where: ListenOptions): Promise<{ readonly close: () => Promise<unknown> } | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else reject(error);
    });
    server.listen({ ...where, exclusive: true }, () => {
      server.unref();
      resolve({ close: () => new Promise((done) => server.close(done)) });
    });
  });
}
