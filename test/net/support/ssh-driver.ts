// The node driver of the network tests, standing in for one of the product: the real ssh client carries each action to the guard
// on the node, which alone decides whether it acts (S12, S13). Fences stay with the driver that it wraps.
import { spawn } from 'node:child_process';
import type { Clock } from '../../../src/base/clock.ts';
import type { ActionContext, ActionResult, NodeDriver, NodeRole, NodeStatus } from '../../../src/ports/node-driver.ts';
import type { NodeName } from './hosts.ts';
import { sshArguments } from './ssh-access.ts';

export type SshDriverOptions = {
  /** Directory of the whole test, with the keys and the folders of the nodes. */
  readonly directory: string;
  readonly prober: string;
  readonly clock: Clock;
  readonly mayActUntilBootMs: () => number;
};

const OUTPUT_CHARS_MAX = 4_000;
const QUESTION_MS = 5_000;
const KINDS = ['done', 'failed', 'timeout', 'refused'] as const;
const ROLES: readonly NodeRole[] = ['active', 'standby', 'stopped', 'starting'];

export function createSshDriver(fences: NodeDriver, options: SshDriverOptions): NodeDriver {
  return {
    ...fences,
    act: (action, context, limits) => act(action, context, { ...options, ...limits }),
    adopt: (context, { signal }) => act('adopt', context, { ...options, signal, timeoutMs: QUESTION_MS }),
    status: (context, { signal }) => askStatus(context, { ...options, signal }),
  };
}

type Call = SshDriverOptions & { readonly signal: AbortSignal };
/** `wasSent`: go was given, so whatever else happened, the script may have run. */
type Said = { readonly output: string; readonly exitCode: number | null; readonly wasSent: boolean };

async function act(
  action: string,
  context: ActionContext,
  options: Call & { readonly timeoutMs: number },
): Promise<ActionResult> {
  const { clock, prober, timeoutMs } = options;
  const { generation, epoch, step, opId } = context;
  const beganMs = clock.monotonicMs();
  const words = ['act', action, generation, epoch, step, opId, prober, Math.ceil(timeoutMs / 1_000)];
  const said = await callGuard(context.node as NodeName, words, options);
  const durationMs = clock.monotonicMs() - beganMs;
  const line = said.output.split('\n').find((text) => text.startsWith('result ')) ?? '';
  const [, word, code, ...rest] = line.split(' ');
  const kind = KINDS.find((known) => known === word);
  const evidence = { exitCode: said.exitCode, signal: null, output: said.output, durationMs };
  if (kind === undefined) {
    const how = said.wasSent ? 'the connection ended before the result came' : 'the guard was not reached';
    return { kind: 'failed', reason: `Cannot ${action}: ${how}`, evidence, repeated: false };
  }
  const reason = `${action} ${kind}, exit code ${code}, ${rest.join(' ')}`;
  return { kind, reason, evidence: { ...evidence, exitCode: Number(code) }, repeated: rest[0] === 'repeated' };
}

async function askStatus(context: ActionContext, options: Call): Promise<NodeStatus> {
  const { output } = await callGuard(context.node as NodeName, ['status'], { ...options, timeoutMs: QUESTION_MS });
  const line = output.split('\n').find((text) => text.startsWith('status ')) ?? '';
  const [, word, running, generation, epoch, step] = line.split(' ');
  const role = ROLES.find((known) => known === word) ?? 'unknown';
  return {
    role,
    running: role === 'unknown' ? null : running === 'true',
    generation: Number(generation ?? 0),
    epoch: Number(epoch ?? 0),
    step: Number(step ?? 0),
    lastResult: null,
    reason: line === '' ? `The guard was not reached: ${output.trim().slice(-200)}` : `The guard says ${word}`,
  };
}

function callGuard(
  node: NodeName,
  words: readonly (string | number)[],
  { directory, clock, signal, timeoutMs, mayActUntilBootMs }: Call & { readonly timeoutMs: number },
): Promise<Said> {
  const command = `cd ${directory}/node-${node} && exec ./guard.sh ${words.join(' ')}`;
  const child = spawn('ssh', [...sshArguments(directory, node), command], { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  let wasSent = false;
  const end = () => void child.kill('SIGKILL');
  const timer = clock.timer(timeoutMs, end);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  const take = (chunk: string) => {
    output = `${output}${chunk}`.slice(-OUTPUT_CHARS_MAX);
    const nonce = /^hello (\S+)\n/m.exec(output)?.[1];
    if (nonce === undefined || wasSent) return;
    // S8: asked again at the last moment at which the effect can still be held back.
    if (clock.bootMs() >= mayActUntilBootMs()) return end();
    wasSent = true;
    child.stdin.write(`go ${nonce}\n`);
  };
  child.stdin.on('error', () => undefined);
  child.stdout.setEncoding('utf8').on('data', take);
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    output = `${output}${chunk}`.slice(-OUTPUT_CHARS_MAX);
  });
  return new Promise((resolve) => {
    const finish = (exitCode: number | null) => {
      timer.stop();
      signal.removeEventListener('abort', end);
      resolve({ output, exitCode, wasSent });
    };
    child.once('error', () => finish(null));
    child.once('close', (code) => finish(code));
  });
}
