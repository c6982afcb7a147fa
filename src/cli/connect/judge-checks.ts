// Whether what the checks of one service saw is as it should be: the active passes, and a standby is what `standby` says (S25).
// Pure, because it is the one opinion that every vantage must share.
import { formatDuration } from '../../base/duration.ts';
import type { NodeId } from '../../base/ids.ts';
import type { ServiceConfig } from '../../config/config.ts';
import type { ProbeResult } from '../../health/probe-result.ts';
import type { Finding, Outcome } from './finding.ts';

/** `check` also stands for activeCheck where that is not written. */
export type CheckName = 'check' | 'activeCheck' | 'standbyCheck';

export type NodeLook = {
  readonly service: string;
  readonly node: NodeId;
  readonly name: CheckName;
  /** It is what only the active passes. */
  readonly isActiveCheck: boolean;
  readonly result: ProbeResult;
};

type Judgement = { readonly outcome: Outcome; readonly why: string };

/** `recorded`: the active node by the store; null where there is none, or nobody could ask. */
export function judgeChecks(
  service: ServiceConfig,
  recorded: NodeId | null,
  looks: readonly NodeLook[],
): readonly Finding[] {
  const passing = looks.filter(({ isActiveCheck, result }) => isActiveCheck && result.kind === 'pass');
  const active = recorded ?? (passing.length === 1 ? (passing[0]?.node ?? null) : null);
  return looks.map((look) => {
    const { outcome, why } = judge(look, { service, active, passing: passing.map(({ node }) => node) });
    const says = `${tell(look.result)}${why === '' ? '' : ` (${why})`}`;
    return { area: 'check', subject: `${look.service}/${look.node} ${look.name}`, outcome, says };
  });
}

type Around = {
  readonly service: ServiceConfig;
  readonly active: NodeId | null;
  readonly passing: readonly NodeId[];
};

function judge(look: NodeLook, around: Around): Judgement {
  if (look.result.kind === 'error') return { outcome: 'wrong', why: 'this vantage cannot look' };
  const passes = look.result.kind === 'pass';
  if (around.service.activeActive !== null)
    return passes ? { outcome: 'ok', why: '' } : { outcome: 'wrong', why: 'every node of the service should pass it' };
  if (around.active === null) return judgeWithoutActive(look, around);
  if (look.node === around.active) return judgeActive(look, passes);
  return judgeStandby(look, around, passes);
}

function judgeActive({ name }: NodeLook, passes: boolean): Judgement {
  if (name === 'standbyCheck') return { outcome: passes ? 'ok' : 'expected', why: 'it is the active' };
  return passes ? { outcome: 'ok', why: '' } : { outcome: 'wrong', why: 'it is the active' };
}

function judgeStandby({ name, isActiveCheck, result }: NodeLook, around: Around, passes: boolean): Judgement {
  const { service, active } = around;
  if (!service.exclusive) return passes ? { outcome: 'ok', why: '' } : { outcome: 'expected', why: 'not the active' };
  if (name === 'standbyCheck')
    return passes ? { outcome: 'ok', why: '' } : { outcome: 'wrong', why: 'it is a standby' };
  if (passes && isActiveCheck)
    return { outcome: 'wrong', why: `it answers as active, and so it should only on ${active} (S25)` };
  if (passes) return { outcome: 'ok', why: '' };
  const isSilent = result.kind === 'fail' && result.reach === 'unreached';
  const why = isSilent
    ? 'expected of a standby, though its host says nothing at all: is it on?'
    : 'expected: it is a standby';
  return { outcome: 'expected', why };
}

/** Nobody holds a grant yet, and not exactly one node answers. */
function judgeWithoutActive({ isActiveCheck, result }: NodeLook, { service, passing }: Around): Judgement {
  if (!isActiveCheck) return { outcome: result.kind === 'pass' ? 'ok' : 'expected', why: 'no node is active' };
  if (passing.length === 0) return { outcome: 'wrong', why: 'no node of the service passes' };
  if (!service.exclusive) return { outcome: result.kind === 'pass' ? 'ok' : 'expected', why: '' };
  return { outcome: 'wrong', why: `${passing.join(' and ')} answer as active at once (S25)` };
}

function tell(result: ProbeResult): string {
  const times = Object.entries(result.phases).map(([phase, ms]) => `${phase} ${formatDuration(ms)}`);
  const phases = times.length === 0 ? '' : `; ${times.join(', ')}`;
  if (result.kind === 'pass') return `passes: ${result.detail}${phases}`;
  if (result.kind === 'error') return `cannot be looked at: ${result.reason}${phases}`;
  return `fails in ${result.phase}: ${result.reason}${phases}`;
}
