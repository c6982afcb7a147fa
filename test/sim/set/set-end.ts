// What a run with an active-active service may leave behind after peace: the answer is that of the healthy nodes by their
// weights, or with too few of them that of every verified one, or the last (S28); or something says what it waits for (I15).
import type { Answered } from '../../../src/failover/intent.ts';
import type { ServiceRecord } from '../../../src/failover/service-state.ts';
import type { Violation } from '../history.ts';
import { addressOf } from '../sim-config.ts';
import type { SimWorld } from '../sim-world.ts';
import { minHealthyOf, type SetRun } from './set-run.ts';

export function findSetUnrest(world: SimWorld, run: SetRun): Violation | null {
  const { operation, service } = world.history.records;
  if (service === null) return unrest('I15', 'no record of the service');
  if (operation !== null && operation.blocked === null)
    return unrest('I6', `${operation.kind} ${operation.opId} still in ${operation.phase}, and does not say why`);
  const { frozen, maintenance, dns, dnsProblem } = service;
  if (operation !== null || frozen !== null || maintenance !== null || dnsProblem !== null) return null;
  if (dns.pending !== null || dns.unconfirmed.length > 0) return unrest('I15', 'a write is still under way');
  return findIdle(world, service) ?? findWrong(world, service, run);
}

type Members = NonNullable<ServiceRecord['members']>;

function isWanted(members: Members, worked: ServiceRecord['nodeMaintenance'], node: string): boolean {
  return (members[node]?.drained ?? null) === null && worked[node] === undefined;
}

/** Up, wanted, and kept out by a resync that nobody begins and whose failure nobody has told. */
function findIdle({ places }: SimWorld, { members = {}, nodeMaintenance }: ServiceRecord): Violation | null {
  const idle = places.find(({ node }) => {
    const { owesResync = false, problem = null } = members[node.id] ?? {};
    return node.face === 'answers' && isWanted(members, nodeMaintenance, node.id) && owesResync && problem === null;
  });
  return idle === undefined ? null : unrest('I15', `${idle.node.id} is up and owes a resync that nobody begins`);
}

function findWrong({ places, dns }: SimWorld, service: ServiceRecord, run: SetRun): Violation | null {
  const { members = {}, nodeMaintenance } = service;
  const ids = places.map(({ node }) => node.id);
  const wanted = ids.filter((id) => isWanted(members, nodeMaintenance, id));
  const healthy = places
    .map(({ node }) => node)
    .filter(({ id, face }) => face === 'answers' && wanted.includes(id) && members[id]?.owesResync !== true)
    .map(({ id }) => id);
  const isFailOpen = healthy.length === 0 || healthy.length < minHealthyOf(run, ids);
  const verified = wanted.filter((id) => (members[id]?.verified ?? null) !== null);
  const due = isFailOpen ? verified : healthy;
  // Nobody may be named: whatever was answered last is kept.
  if (due.length === 0) {
    const isEmpty = service.epoch > 0 && dns.addresses.length === 0;
    return isEmpty ? unrest('I14', 'DNS answers nothing any more') : null;
  }
  const named = ids.filter((id) => dns.addresses.includes(addressOf(id)));
  if (named.join() !== due.join())
    return unrest('S28', `DNS names ${named.join(' ') || 'nobody'} in peace, and ${due.join(' ')} should answer`);
  return findWrongShares(service.dns.confirmed?.answers ?? [], ids, run);
}

/** Slow starts are over. */
function findWrongShares(answers: readonly Answered[], ids: readonly string[], { weights }: SetRun): Violation | null {
  const rates = answers.map(({ node, weight }) => weight / (weights[ids.indexOf(node)] ?? 1));
  const isEven = rates.every((rate) => rate === rates[0]);
  return isEven ? null : unrest('S28', `shares are ${JSON.stringify(answers)} in peace, weights ${weights.join(' ')}`);
}

function unrest(invariant: string, text: string): Violation {
  return { invariant, text };
}
