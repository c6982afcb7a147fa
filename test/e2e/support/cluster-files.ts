// What a test cluster finds on disk: its configuration, and the scripts with which it starts, stops and fences its nodes.
// The scripts write down every run in actions.log and their last process id in script-<action>-<node>, and misbehave when a file of the folder `mode` asks them to.
import { randomInt } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Endpoint } from '../../../src/config/config.ts';

export const PROBERS = ['p1', 'p2', 'p3'] as const;
/** Have addresses, and are in no configuration at first. */
export const SPARE_PROBERS = ['p4', 'p5'] as const;
export type ProberName = (typeof PROBERS)[number] | (typeof SPARE_PROBERS)[number];
export const NODES = ['a', 'b'] as const;
export type NodeName = (typeof NODES)[number];

export const SERVICE = 'web';
export const RECORD = 'web.ha.example.com.';

/** Every cluster has addresses of its own inside 127/8, so that clusters beside each other never meet on a port. */
export type Network = {
  readonly dns: Readonly<Record<ProberName, Endpoint>>;
  readonly nodes: Readonly<Record<NodeName, string>>;
  /** Bound by every instance: two active nodes cannot both have it. */
  readonly token: string;
  /** Where a target outside the cluster answers that probers compare themselves with. */
  readonly reference: string;
};

const DNS_PORT = 15_353;
export const HTTP_PORT = 18_081;
export const TOKEN_PORT = 18_082;
export const REFERENCE_PORT = 18_083;
/** Nothing listens here. */
export const CLOSED_PORT = 18_084;

export const INSTANCE = fileURLToPath(new URL('./instance-process.ts', import.meta.url));

export function pickNetwork(): Network {
  const net = `127.${randomInt(20, 250)}.${randomInt(1, 250)}`;
  const server = (last: number): Endpoint => ({ host: `${net}.${last}`, port: DNS_PORT });
  return {
    dns: { p1: server(1), p2: server(2), p3: server(3), p4: server(4), p5: server(5) },
    nodes: { a: `${net}.21`, b: `${net}.22` },
    token: `${net}.31`,
    reference: `${net}.32`,
  };
}

/** Replaces `from` in the configuration; a change that finds nothing throws. */
export type Change = readonly [from: string, to: string];

/** A fresh directory with everything but a store. */
export function writeClusterFiles(
  network: Network,
  changes: readonly Change[],
  fill: (text: string, network: Network) => string = (text) => text,
): string {
  const config = fill(applyChanges(configText(network), changes), network);
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'oneup-e2e-')));
  mkdirSync(join(directory, 'mode'));
  writeFileSync(join(directory, 'oneup.yaml'), config);
  writeFileSync(join(directory, 'actions.log'), '');
  writeFileSync(join(directory, 'act.sh'), actScript(network));
  writeFileSync(join(directory, 'confirm.sh'), CONFIRM_SCRIPT);
  for (const name of ['act.sh', 'confirm.sh']) chmodSync(join(directory, name), 0o755);
  return directory;
}

export function applyChanges(text: string, changes: readonly Change[]): string {
  return changes.reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new RangeError(`Cannot change the configuration: it does not hold ${from}`);
    return changed.replace(from, () => to);
  }, text);
}

/** As it stands in the list of `cluster.probers`. */
export function proberLine(id: ProberName, { host, port }: Endpoint): string {
  return `    - { id: ${id}, vantage: at-${id}, address: ${host}, listen: ["${host}:${port}"] }`;
}

/**
 * CHECK_PORT and REFERENCE_PORT come from the environment of each prober, so that one of them can be made to see wrong.
 * A session of three seconds bounds the longest pause of a prober on a loaded machine at a fifth of it (S23); a name server that
 * died counts as answering old data until lostAfter, staleAfter and a TTL have passed (S31). No step may reach its time limit because
 * a busy machine is late, since that is another outcome: a test that waits for a limit writes a short one.
 */
function configText({ dns, nodes, reference }: Network): string {
  return `cluster:
  name: e2e
  store: { kind: sqlite, path: var/oneup.db }
  references: ["tcp://${reference}:\${env:REFERENCE_PORT}"]
  probers:
${PROBERS.map((id) => proberLine(id, dns[id])).join('\n')}
  timing: { sessionTtl: 3s, margin: 100ms, killTime: 200ms, startupGrace: 300ms, lostAfter: 1500ms, staleAfter: 2500ms }
dns:
  zones: [{ name: ha.example.com., ns: [p1, p2, p3], hostmaster: ops.example.com. }]
services:
  ${SERVICE}:
    record: { name: ${RECORD}, ttl: { steady: 1s, suspect: 1s, settling: 1s } }
    nodes:
      - { id: a, address: ${nodes.a} }
      - { id: b, address: ${nodes.b} }
    check: { http: "http://{address}:\${env:CHECK_PORT}/", interval: 900ms, timeout: 800ms, fall: 2, rise: 2, recheck: 100ms, minDown: 200ms }
    actions:
      start: { exec: { command: [./act.sh] }, timeout: 20s }
      stop: { exec: { command: [./act.sh] }, timeout: 15s }
      sync: { exec: { command: [./act.sh] }, timeout: 15s }
      resync: { exec: { command: [./act.sh] }, timeout: 15s }
      drain: { exec: { command: [./act.sh] }, timeout: 15s }
      undrain: { exec: { command: [./act.sh] }, timeout: 15s }
      precheck: { exec: { command: [./act.sh] }, timeout: 15s }
      fence:
        - exec: { command: [./act.sh] }
          timeout: 5s
          confirm: { exec: { command: [./confirm.sh] }, offStates: ["off"], interval: 200ms }
    failover: { automatic: true, cooldown: 0s, budget: { count: 1000, per: 24h }, failureThreshold: { count: 1000, per: 24h }, stableFor: 1h, verifyTimeout: 20s, precheckMaxAge: 10ms }
`;
}

/**
 * Modes are the words in mode/<action>-<node>: `fail` exits with 3; `half` too, when its work is done; `hang` stays;
 * `stubborn` stays and ignores SIGTERM; `held` waits until its file is gone and then writes a line; `fork` leaves the work to
 * a child and returns; `flood` prints 1 GB; `idle` does nothing.
 * A script whose line is there has its mode: a test that saw the line may change the mode for what comes next.
 * Prechecks are questions and leave no line. An instance leaves the process group of its script, as a daemon does.
 */
function actScript({ nodes, token }: Network): string {
  return `#!/bin/sh
said() {
  [ "$ONEUP_ACTION" = precheck ] || echo "$1 $ONEUP_ACTION $ONEUP_NODE $ONEUP_EPOCH $ONEUP_STEP $ONEUP_OP_ID" >> actions.log
}
launch() {
  case "$ONEUP_NODE" in a) address=${nodes.a} ;; b) address=${nodes.b} ;; esac
  setsid ${process.execPath} ${INSTANCE} "$address" ${token} "$ONEUP_NODE" > /dev/null 2>> instances.log < /dev/null &
  echo $! > "pid-$ONEUP_NODE"
}
end() {
  [ -f "pid-$ONEUP_NODE" ] || return 0
  pid=$(cat "pid-$ONEUP_NODE")
  kill -9 "$pid" 2> /dev/null
  while grep -q . "/proc/$pid/cmdline" 2> /dev/null; do sleep 0.02; done
  rm -f "pid-$ONEUP_NODE"
}
work() {
  case "$ONEUP_ACTION" in start) launch ;; stop | fence) end ;; esac
  return 0
}
mode=$(cat "mode/$ONEUP_ACTION-$ONEUP_NODE" 2> /dev/null)
echo $$ > "script-$ONEUP_ACTION-$ONEUP_NODE"
said begin
case "$mode" in
  fail) echo "this script was told to fail" >&2; exit 3 ;;
  half) work; echo "this script was told to fail at its end" >&2; exit 3 ;;
  hang) sleep 60 ;;
  stubborn) trap '' TERM; while :; do sleep 0.2; done ;;
  held) while [ -e "mode/$ONEUP_ACTION-$ONEUP_NODE" ]; do sleep 0.05; done; said landed; work ;;
  fork) (sleep 0.3; work) & ;;
  flood) yes oneup | head -c 1000000000; work ;;
  idle) ;;
  *) work ;;
esac
said end
`;
}

/** Asks as a fence device would: is anything running there? With a mode of any kind, mode/confirm-<node>, the device is silent. */
const CONFIRM_SCRIPT = `#!/bin/sh
if [ -e "mode/confirm-$ONEUP_NODE" ]; then echo "the device does not answer" >&2; exit 1; fi
pid=$(cat "pid-$ONEUP_NODE" 2> /dev/null)
if [ -n "$pid" ] && grep -q . "/proc/$pid/cmdline" 2> /dev/null; then echo on; else echo off; fi
`;
