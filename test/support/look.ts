// Looks at a target as a prober does, and real listeners on loopback for what is looked at.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import type { CheckTarget } from '../../src/config/check-target.ts';
import type { ProbeResult } from '../../src/health/probe-result.ts';
import { runCheck } from '../../src/probe/run-check.ts';

/** A busy machine takes its time; what must not answer is given less. */
const PATIENT_MS = 20_000;

export async function look(target: CheckTarget, timeoutMs = PATIENT_MS, path = '/usr/bin:/bin'): Promise<ProbeResult> {
  const options = { clock: createSystemClock(), parentEnv: { PATH: path }, signal: AbortSignal.timeout(timeoutMs) };
  const { result } = await runCheck(target, options);
  return result;
}

export type Listening = AsyncDisposable & { readonly port: number };

/** Listens on a free port of 127.0.0.1 and closes with all its connections. */
export async function listening(server: Server): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A server that does with each connection whatever it likes. */
export function rawServer(talk: (socket: Socket) => void): Promise<Listening> {
  return listening(createServer(talk));
}
