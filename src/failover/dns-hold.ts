// Whether the name of a service could follow a planned move. Where it is known that the next write cannot be made, a move would
// turn a healthy service off for a node that nobody is sent to (S27). What died leaves no choice: a failover never waits for DNS.
import type { NodeId } from '../base/ids.ts';
import type { Operation } from './operation.ts';
import { hasWayBack } from './operation-kinds.ts';
import { unlessOverridden } from './overrides.ts';
import type { Refusal } from './refusal.ts';
import { asSecond } from './second-record.ts';
import type { MachineState } from './service-state.ts';

type Move = { readonly from: NodeId | null; readonly to: NodeId | null };

/**
 * What keeps DNS from following a move, at either provider of the name: those who ask the one that cannot follow would be sent to
 * a node that was stopped. Null when nothing does, or when nothing that serves would be turned off.
 */
export function dnsHold(state: MachineState, move: Move): Refusal | null {
  const second = asSecond(state);
  return holdAtOne(state, move) ?? (second === null ? null : holdAtOne(second, move));
}

function holdAtOne({ service, local }: MachineState, { from, to }: Move): Refusal | null {
  if (from === null || local.view.nodes[from]?.down.kind === 'agreed') return null;
  const { dns, dnsProblem } = service;
  // The answer that could not be replaced is the one that is asked for.
  if (dnsProblem?.rule === 'dns.write-failed' && to !== null && dns.confirmed?.node === to) return null;
  return dnsProblem;
}

/** The same as the answer to a command. */
export function dnsRefusal(state: MachineState, move: Move): Refusal | null {
  const hold = dnsHold(state, move);
  return hold === null ? null : { ...hold, reason: `DNS would not follow the move: ${hold.reason}` };
}

/** Why a move that people asked for must not begin to stop anything now; null when it may, or when they set the rule aside. */
export function cannotBeNamed(state: MachineState, op: Operation): Refusal | null {
  if (!hasWayBack(op) || op.pastReturn) return null;
  const refusal = dnsRefusal(state, op);
  // A write that failed is tried again, and TTL_LOWER waits for that; the last word is said before anything is stopped.
  if (refusal?.rule === 'dns.write-failed' && op.phase === 'PRECHECK') return null;
  return unlessOverridden(refusal, op.overrides);
}
