// What the tests of check-config --connect share: a directory to run the command in, a configuration with many mistakes, and
// the words of what was found.
import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connected } from '../../../src/cli/connect/check-connect.ts';
import type { Finding } from '../../../src/cli/connect/finding.ts';
import type { SshTarget } from '../../../src/config/action-config.ts';
import { HOOK_SECRET } from '../../support/http-bench.ts';
import type { Cluster } from './cluster.ts';
import { runOneup } from './run-oneup.ts';

export type Mistakes = {
  /** Nothing listens on these ports. */
  readonly dns: number;
  readonly api: number;
  /** A port that neither answers nor refuses. */
  readonly hole: number;
  readonly hook: string;
  /** Port of a SOCKS5 proxy. */
  readonly proxy: number;
  readonly ssh: SshTarget;
  readonly knownHosts: string;
  readonly place: string;
};

/** Valid for check-config, and wrong in everything that only a try can find. */
export function mistakenText({ dns, api, hole, hook, proxy, ssh, knownHosts, place }: Mistakes): string {
  return `cluster:
  name: tried
  store: { kind: sqlite, path: oneup.db }
  probers: [{ id: p1, vantage: here, address: 127.0.0.1, listen: ["127.0.0.1:${dns}"], api: { listen: "127.0.0.1:${api}" } }]
  references: []
dns:
  zones: [{ name: ha.example.com., ns: [p1], hostmaster: ops.example.com. }]
alerts:
  channels:
    pager: { exec: { command: [./no-pager] } }
services:
  web:
    record: { name: web.ha.example.com. }
    nodes: [{ id: a, address: 127.0.0.1 }, { id: b, address: 127.0.0.2 }]
    check: { http: "http://{address}:${hole}/", timeout: 4s }
    actions:
      start: { exec: { command: [./no-such-script] } }
      stop: { exec: { command: [./confirm-on] } }
      status: { ssh: { host: "{address}", port: ${ssh.port}, user: ${ssh.user}, identity: ${ssh.identity}, knownHosts: ${knownHosts}, stateDir: ${place}/state, command: [echo, active] } }
      fence:
        - exec: { command: [./confirm-on] }
          confirm: { exec: { command: [./confirm-off] }, offStates: ["off"] }
        - exec: { command: [./confirm-on] }
          confirm: { exec: { command: [./confirm-on] }, offStates: ["off"] }
  hooked:
    record: { name: hooked.ha.example.com. }
    nodes: [{ id: a, address: 127.0.0.1 }, { id: b, address: 127.0.0.2 }]
    check: { tcp: "{address}:${ssh.port}", timeout: 4s }
    failover: { automatic: false }
    actions:
      start: { http: { url: "${hook}", secret: "${HOOK_SECRET}" } }
      stop: { http: { url: "${hook}", secret: "another-secret-of-16" } }
      drain: { http: { url: "${hook}", secret: "${HOOK_SECRET}", proxy: "socks5://127.0.0.1:${proxy}" } }
      undrain: { http: { url: "${hook}", secret: "${HOOK_SECRET}", proxy: "http://127.0.0.1:1" } }
  kept:
    record: { name: kept.ha.example.com. }
    nodes: [{ id: a, address: 127.0.0.1 }, { id: b, address: 127.0.0.2 }]
    check: { tcp: "{address}:${ssh.port}", timeout: 4s }
    agent: { run: [sleep, "60"], lease: 30s, stopTimeout: 5s }
`;
}

/** `<outcome> <says>` of the one finding whose subject holds all the words. */
export function says(findings: readonly Finding[], ...words: readonly string[]): string {
  const found = findings.filter(({ subject }) => words.every((word) => subject.includes(word)));
  const all = found.map((finding) => `${finding.outcome} ${finding.says}`);
  assert.equal(all.length, 1, `${words.join(' ')}: ${JSON.stringify(findings.map(({ subject }) => subject))}`);
  return all.join();
}

/** `vantage subject: why`, or the problem of a vantage. */
export function wrong({ vantages }: Connected): readonly string[] {
  return vantages.flatMap(({ prober, problem, findings }) => [
    ...(problem === null ? [] : [`${prober}: ${problem}`]),
    ...findings
      .filter(({ outcome }) => outcome === 'wrong')
      .map(({ subject, says: text }) => `${prober} ${subject}: ${/\(([^()]*)\)$/.exec(text)?.[1] ?? text}`),
  ]);
}

export async function connect(cluster: Cluster, ...argv: readonly string[]) {
  const { code, stdout, stderr } = await cluster.oneup('check-config', '--connect', '--json', ...argv);
  return { code, connected: parse(stdout, stderr) };
}

function parse(stdout: string, stderr: string): Connected {
  assert.ok(stdout.startsWith('{'), stderr);
  const { connected } = JSON.parse(stdout) as { readonly connected?: Connected };
  assert.ok(connected !== undefined, stdout);
  return connected;
}

/** A directory with a configuration and scripts, and the commands that are run in it. */
export function openPlace() {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'oneup-connect-')));
  const oneup = (...argv: readonly string[]) => runOneup({ directory, env: {} }, argv);
  return {
    directory,
    oneup,
    write: (name: string, text: string) => {
      writeFileSync(join(directory, name), text);
      return join(directory, name);
    },
    script: (name: string, line: string) => {
      writeFileSync(join(directory, name), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
    },
    connect: async () => {
      const { code, stdout, stderr } = await oneup('check-config', '--connect', '--json');
      const connected = parse(stdout, stderr);
      return { code, stdout, connected, findings: connected.vantages.flatMap(({ findings }) => findings) };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(rmSync(directory, { recursive: true, force: true, maxRetries: 5 })),
  };
}
