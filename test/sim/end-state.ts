// What a run may leave behind after peace: nothing under way, or something that says what it waits for (I6, I15), and DNS that
// names the active.
import type { SecondRecord } from '../../src/failover/dns-record.ts';
import type { Violation } from './history.ts';
import { findSetUnrest } from './set/set-end.ts';
import { addressOf } from './sim-config.ts';
import type { SimWorld } from './sim-world.ts';

/** Nothing is under way and nothing waits: looking on would show the same again. */
export function isAtRest(world: SimWorld): boolean {
  const { operation, tail, service } = world.history.records;
  if (operation !== null || tail !== null || service === null) return false;
  const second = secondOf(world);
  const isWriting = service.dns.pending !== null || service.dnsProblem !== null;
  const isFollowing = second !== null && (second.dns.pending !== null || second.dnsProblem !== null);
  return !isWriting && !isFollowing && findUnrest(world) === null && isSettled(world);
}

/** The active runs, or its death has been noticed and is told. */
function isSettled({ history, places }: SimWorld): boolean {
  const { service } = history.records;
  const active = places.find(({ node }) => node.id === service?.active);
  return (
    active === undefined || active.node.face === 'answers' || service?.refusal !== null || service.maintenance !== null
  );
}

export function findUnrest(world: SimWorld): Violation | null {
  if (world.set !== null) return findSetUnrest(world, world.set);
  const { operation, tail, service } = world.history.records;
  const liesOn = world.places.some(({ node }) => node.lies !== null && node.isAlive);
  // Between two rounds against a device that lies the operation waits for the probers, and says so.
  const isLiedTo = operation?.phase === 'CONFIRM_DOWN' && liesOn;
  if (operation !== null && operation.blocked === null && !isLiedTo)
    return {
      invariant: 'I6',
      text: `${operation.kind} ${operation.opId} still in ${operation.phase}, and does not say why`,
    };
  if (tail !== null && tail.blocked === null)
    return { invariant: 'I15', text: `tail of ${tail.opId} still in ${tail.phase}, and does not say why` };
  if (service === null) return { invariant: 'I15', text: 'no record of the service' };
  const { active, dnsProblem, maintenance, refusal } = service;
  if (active === null || dnsProblem !== null || maintenance !== null || tail !== null) return null;
  const node = world.places.find((place) => place.node.id === active)?.node;
  if (operation === null && refusal === null && node?.face !== 'answers')
    return { invariant: 'I15', text: `${active} is the active, does not answer, and nothing is done or said` };
  if (!world.dns.addresses.includes(addressOf(active)))
    return { invariant: 'I15', text: `DNS does not name ${active}, the active` };
  return findUnfollowed(world, active);
}

/** Both providers have the same answer, or it is told why one has not. */
function findUnfollowed(world: SimWorld, active: string): Violation | null {
  const addresses = world.second?.addresses ?? null;
  const isTold = secondOf(world)?.dnsProblem != null;
  if (addresses === null || isTold || addresses.includes(addressOf(active))) return null;
  return { invariant: 'I15', text: `the second provider does not name ${active}, the active` };
}

function secondOf({ history }: SimWorld): SecondRecord | null {
  const [second = null] = Object.values(history.records.service?.seconds ?? {});
  return second;
}
