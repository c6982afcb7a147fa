// A bench for the http driver: the reference hook of config/examples as a process of its own, one for each test.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Secret } from '../../src/base/secret.ts';
import type { HttpActionConfig } from '../../src/config/action-config.ts';
import type { ProxyTarget } from '../../src/config/check-target.ts';
import { createHttpCarrier } from '../../src/nodes/http/http-carrier.ts';
import { type DriverBench, openDriverBench } from './driver-bench.ts';
import { freePort } from './servers/free-port.ts';

const HOOK = fileURLToPath(new URL('../../config/examples/http-hook.mjs', import.meta.url));
export const HOOK_SECRET = '0123456789abcdef-of-the-hook';

export type HttpBench = DriverBench & { readonly hook: Hook };

export type Hook = {
  readonly url: () => string;
  /** Kills the hook as a crash would, and starts it again on the same port. */
  readonly restart: () => Promise<void>;
  readonly pid: () => number;
};

const ACTIONS = ['start', 'stop', 'fence', 'status', 'precheck', 'fence-confirm', 'sync', 'resync', 'drain', 'undrain'];

export async function openHttpBench({
  tls,
}: {
  tls?: { cert: string; key: string; ca: string };
} = {}): Promise<HttpBench> {
  let hook: Hook | null = null;
  const bench = await openDriverBench(async ({ directory, ...deps }) => {
    const dispatch = join(directory, 'dispatch');
    writeFileSync(dispatch, `#!/bin/sh\nexec "${directory}/\${ONEUP_URL_PATH##*/}"\n`);
    chmodSync(dispatch, 0o755);
    const commands = Object.fromEntries(ACTIONS.map((action) => [action, [dispatch]]));
    const files = tls === undefined ? undefined : writePair(directory, tls);
    const settings = {
      host: '127.0.0.1',
      secret: HOOK_SECRET,
      state: join(directory, 'hook.json'),
      commands,
      tls: files,
    };
    const started = await startHook(join(directory, 'hook-config.json'), settings);
    hook = started;
    return {
      carriers: { http: createHttpCarrier(deps) },
      actionOf: (file, timeoutMs) =>
        httpAction(`${started.url()}/${basename(file)}`, { timeoutMs, ca: tls?.ca ?? null }),
      close: started.close,
    };
  });
  if (hook === null) throw new Error('Cannot open a bench without its hook');
  return { ...bench, hook };
}

export function httpAction(
  url: string,
  {
    timeoutMs = 10_000,
    ca = null,
    secret = HOOK_SECRET,
    proxy = null,
  }: { timeoutMs?: number; ca?: string | null; secret?: string; proxy?: ProxyTarget | null } = {},
): HttpActionConfig {
  return { driver: 'http', url, secret: new Secret(secret), ca, proxy, timeoutMs };
}

function writePair(directory: string, { cert, key }: { readonly cert: string; readonly key: string }) {
  const files = { cert: join(directory, 'cert.pem'), key: join(directory, 'key.pem') };
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key, { mode: 0o600 });
  return files;
}

async function startHook(file: string, settings: { readonly tls?: object | undefined }) {
  // The same one after a crash: a port of the system may be somebody else's by then.
  const port = await freePort();
  let child: ChildProcess | null = null;
  const start = async () => {
    writeFileSync(file, JSON.stringify({ ...settings, port }));
    child = spawn(process.execPath, [HOOK, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    if (child.stdout === null) throw new Error('Cannot start the hook: no pipe');
    await once(child.stdout, 'data');
  };
  const close = async () => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  await start();
  return {
    url: () => `${settings.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/hook`,
    restart: async () => {
      await close();
      await start();
    },
    pid: () => child?.pid ?? 0,
    close,
  };
}
