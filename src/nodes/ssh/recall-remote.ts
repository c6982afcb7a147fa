// What the guard on a node remembers (S13). A node that cannot be asked is unknown, with the reason; never stopped.
import type { Secret } from '../../base/secret.ts';
import type { SshActionConfig } from '../../config/config.ts';
import type { ActionResult, NodeRole } from '../../ports/node-driver.ts';
import type { Recalled } from '../action-carrier.ts';
import { redactTail } from '../redact-tail.ts';
import type { Said } from './converse.ts';
import { describeSilence } from './describe-silence.ts';
import { type GuardStatus, readAnswer } from './read-answer.ts';

type Options = { readonly secrets: readonly Secret[]; readonly ask: () => Promise<Said> };

export async function recallRemote({ target, command }: SshActionConfig, { secrets, ask }: Options): Promise<Recalled> {
  const known = [...secrets, ...command.env.map(([, value]) => value)];
  const said = await ask();
  const answer = readAnswer(said.stdout);
  if (answer?.kind === 'status') return recalled(answer.status, known);
  const complaint = redactTail(said.stderr, { isCut: true, secrets: known });
  const why = answer?.kind === 'error' ? answer.reason : describeSilence(said, complaint);
  return { ...NOTHING, reason: `Cannot ask the guard over ssh at ${target.host}:${target.port}: ${why}` };
}

const NOTHING: Omit<Recalled, 'reason'> = {
  role: 'unknown',
  running: null,
  generation: 0,
  epoch: 0,
  step: 0,
  lastResult: null,
  isStarting: false,
  isHeard: false,
};

function recalled(status: GuardStatus, secrets: readonly Secret[]): Recalled {
  const { generation, epoch, step, action, phase, isRunning } = status;
  const isKnown = phase !== 'none' && phase !== 'done';
  return {
    ...rememberRole(status),
    running: isKnown ? isRunning : null,
    ...{ generation, epoch, step },
    lastResult: lastResult(status, secrets),
    isStarting: isRunning && action === 'start',
    isHeard: true,
  };
}

function lastResult(status: GuardStatus, secrets: readonly Secret[]): ActionResult | null {
  const { phase, action, exitCode, durationMs } = status;
  if (phase === 'none' || phase === 'starting') return null;
  const output = redactTail(status.output, { isCut: true, secrets });
  const evidence = { exitCode: phase === 'killed' ? null : exitCode, signal: null, output, durationMs };
  return { kind: phase, reason: `${action} ended as ${phase}, exit code ${exitCode}`, evidence, repeated: true };
}

function rememberRole(status: GuardStatus): { readonly role: NodeRole; readonly reason: string } {
  const { phase, action, instance, isRunning, isSameBoot } = status;
  if (phase === 'none') return { role: 'unknown', reason: 'The guard remembers nothing of this node' };
  if (isRunning && action === 'start') return { role: 'starting', reason: 'The start script runs' };
  if (!isSameBoot) return { role: 'unknown', reason: 'The machine was booted since (S13)' };
  if (instance !== 'unknown') return { role: instance, reason: `The guard remembers it as ${instance}` };
  return { role: 'unknown', reason: `The guard does not know what the last action left: ${action}, ${phase}` };
}
