// Reads the observations, suspicions and probers of one service out of the prober's copy of the store.

import type { ProberId } from '../base/ids.ts';
import type { Result } from '../base/result.ts';
import type { ServiceConfig } from '../config/config.ts';
import { buildView, type SeenObservation } from '../failover/build-view.ts';
import type { Operation } from '../failover/operation.ts';
import type { MachineState } from '../failover/service-state.ts';
import type { View } from '../failover/view.ts';
import { type Observation, parseObservation } from '../health/observation.ts';
import type { Guard, StoreEntry } from '../ports/store.ts';
import { agentGuards, readAgentSigns } from './agent-signs.ts';
import type { ControllerDeps } from './controller-deps.ts';
import { runsAnother } from './membership.ts';

type ViewDeps = Pick<ControllerDeps, 'config' | 'keys' | 'view' | 'inForceDigest'>;

/** An entry never changes, and is looked at again with every look at its service: so it is read once. */
export type ParsedObservations = WeakMap<StoreEntry, Result<Observation, string>>;

export type ReadViewInput = {
  readonly parsed?: ParsedObservations;
  readonly service: ServiceConfig;
  readonly op: Operation | null;
  readonly brake: string | null;
};

export function readServiceView(
  { config, keys, view, inForceDigest = null }: ViewDeps,
  { parsed = new WeakMap(), service, op, brake }: ReadViewInput,
): View {
  const told = readVoters({ keys, view }, service);
  const warm = service.nodes.filter(({ standbyCheck }) => standbyCheck !== null).map(({ id }) => id);
  const verifying = op?.phase === 'VERIFY_NEW' && op.epoch !== null ? { opId: op.opId, epoch: op.epoch } : null;
  return buildView({
    service: service.id,
    nodes: service.nodes.map((node) => node.id),
    probers: service.probers,
    minVantages: config.cluster.quorum.minVantages,
    observations: readObservations(view, `${keys.observations}${service.id}/`, parsed),
    ...(warm.length === 0
      ? {}
      : { standby: { nodes: warm, observations: readObservations(view, `${keys.standbys}${service.id}/`, parsed) } }),
    suspicions: readKeys({ view }, `${keys.suspicions}${service.id}/`),
    abstaining: told.filter(({ isIsolated }) => isIsolated).map(({ id }) => id),
    elsewhere: told.filter(({ digest }) => runsAnother(digest, inForceDigest)).map(({ id }) => id),
    reported: readAgentSigns({ keys, view }, service),
    verifying,
    revision: view.revision(),
    brake,
  });
}

function readObservations(
  view: ViewDeps['view'],
  prefix: string,
  known: ParsedObservations,
): readonly SeenObservation[] {
  return view.list(prefix).flatMap((entry): readonly SeenObservation[] => {
    const [node = '', prober = ''] = entry.key.slice(prefix.length).split('/');
    const parsed = parseOnce(known, entry);
    return parsed.ok ? [{ node, prober, revision: entry.version, observation: parsed.value }] : [];
  });
}

function parseOnce(parsed: ParsedObservations, entry: StoreEntry): Result<Observation, string> {
  const known = parsed.get(entry);
  if (known !== undefined) return known;
  const result = parseObservation(entry.value);
  parsed.set(entry, result);
  return result;
}

function readKeys({ view }: Pick<ViewDeps, 'view'>, prefix: string): readonly { node: string; prober: string }[] {
  return view.list(prefix).map((entry) => {
    const [node = '', prober = ''] = entry.key.slice(prefix.length).split('/');
    return { node, prober };
  });
}

type Told = { readonly id: ProberId; readonly isIsolated: boolean; readonly digest: string | null };

/** What the living voters of a service say of themselves; a record that cannot be read counts as one that abstains (S22). */
function readVoters({ keys, view }: Pick<ViewDeps, 'keys' | 'view'>, service: ServiceConfig): readonly Told[] {
  return service.probers.flatMap(({ id }): readonly Told[] => {
    const text = view.get(keys.prober(id))?.value;
    if (text === undefined) return [];
    try {
      const { selfCheck, digest = null } = JSON.parse(text) as {
        selfCheck?: { kind?: string };
        digest?: string | null;
      };
      return [{ id, isIsolated: selfCheck?.kind === 'isolated', digest }];
    } catch {
      return [{ id, isIsolated: true, digest: null }];
    }
  });
}

/** S19: a START INTENT stands only if no observation of another node has changed since the machine looked, by those who vote. */
export function observationGuards(
  deps: Pick<ViewDeps, 'keys' | 'view'>,
  service: ServiceConfig,
  { op, local }: Pick<MachineState, 'op' | 'local'>,
): readonly Guard[] {
  const seen = service.nodes.flatMap((node) => {
    if (node.id === op?.to) return [];
    return service.probers.map((prober): Guard => {
      const key = deps.keys.observation(service.id, node.id, prober.id);
      const entry = deps.view.get(key);
      // The copy may be ahead of the view that was decided from: what was not looked at must not be there.
      const isSeen = entry !== undefined && entry.version <= local.view.revision;
      return isSeen ? { kind: 'version', key, version: entry.version } : { kind: 'absent', key };
    });
  });
  return [...seen, ...agentGuards(deps, service, local.view.revision, op?.to ?? null)];
}
