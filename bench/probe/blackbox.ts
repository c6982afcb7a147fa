// Starts prometheus-blackbox-exporter of Debian, where it is installed, and asks it for probes over kept connections.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../test/support/servers/free-port.ts';
import { type Contender, SIDE_BY_SIDE } from './measure-round.ts';

const PROGRAM = 'prometheus-blackbox-exporter';
const READY_WITHIN_MS = 20_000;
const CONFIG = `modules:
  http: { prober: http, timeout: 3s, http: { preferred_ip_protocol: ip4, follow_redirects: false } }
  tcp: { prober: tcp, timeout: 3s, tcp: { preferred_ip_protocol: ip4 } }
`;

/** Null where it is not installed. */
export async function startBlackbox(): Promise<(Contender & AsyncDisposable) | null> {
  const directory = mkdtempSync(join(tmpdir(), 'oneup-blackbox-'));
  writeFileSync(join(directory, 'blackbox.yml'), CONFIG);
  const [port = 0] = await freePorts(1);
  const words = [
    `--config.file=${directory}/blackbox.yml`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
  ];
  const child = spawn(PROGRAM, words, { stdio: 'ignore' });
  const isThere = await Promise.race([once(child, 'spawn').then(() => true), once(child, 'error').then(() => false)]);
  const agent = new Agent({ keepAlive: true, maxSockets: SIDE_BY_SIDE });
  const stop = async () => {
    agent.destroy();
    if (isThere && child.exitCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(directory, { recursive: true, force: true });
  };
  if (!isThere) {
    process.stderr.write(`${PROGRAM} is not installed: nothing to compare with\n`);
    await stop();
    return null;
  }
  const until = performance.now() + READY_WITHIN_MS;
  while ((await ask(agent, `http://127.0.0.1:${port}/-/healthy`).catch(() => '')) === '') {
    if (performance.now() > until) {
      await stop();
      throw new Error(`${PROGRAM} did not start`);
    }
    await sleep(50);
  }
  return {
    name: 'blackbox',
    pid: child.pid ?? 0,
    look: async (kind, target, checks) => {
      const what = kind === 'http' ? `http://127.0.0.1:${target}/` : `127.0.0.1:${target}`;
      const url = `http://127.0.0.1:${port}/probe?module=${kind}&target=${encodeURIComponent(what)}`;
      const left = { count: checks };
      const worker = async () => {
        while (left.count > 0) {
          left.count -= 1;
          const text = await ask(agent, url);
          if (!text.includes('probe_success 1')) throw new Error(`a probe of blackbox did not pass:\n${text}`);
        }
      };
      await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
    },
    [Symbol.asyncDispose]: stop,
  };
}

function ask(agent: Agent, url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
      response.on('error', reject);
    }).on('error', reject);
  });
}
