// The servers that both contenders look at, in a process of their own: a small page, and a port that only accepts.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const SERVER = `
const http = require('node:http').createServer((_, response) => response.end('well'));
const tcp = require('node:net').createServer((socket) => socket.on('error', () => {}).resume());
http.listen(0, '127.0.0.1', () => tcp.listen(0, '127.0.0.1', () =>
  console.log(JSON.stringify({ http: http.address().port, tcp: tcp.address().port }))));`;

export type Targets = AsyncDisposable & { readonly ports: { readonly http: number; readonly tcp: number } };

export async function startTargets(): Promise<Targets> {
  const child = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  return {
    ports: JSON.parse(String(line)),
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
