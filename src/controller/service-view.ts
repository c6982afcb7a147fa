// Reads the observations, suspicions and probers of one service out of the prober's copy of the store.
import type { Result } from '../base/result.ts';
import type { ServiceConfig } from '../config/config.ts';
import { buildView, type SeenObservation } from '../failover/build-view.ts';
import type { Operation } from '../failover/operation.ts';
import type { MachineState } from '../failover/service-state.ts';
import type { View } from '../failover/view.ts';
import { type Observation, parseObservation } from '../health/observation.ts';
import type { Guard, StoreEntry } from '../ports/store.ts';
import type { ControllerDeps } from './controller-deps.ts';

type ViewDeps = Pick<ControllerDeps, 'config' | 'keys' | 'view'>;

/** An entry never changes, and is looked at again with every look at its service: so it is read once. */
export type ParsedObservations = WeakMap<StoreEntry, Result<Observation, string>>;

export type ReadViewInput = {
  readonly parsed?: ParsedObservations;
  readonly service: ServiceConfig;
  readonly op: Operation | null;
  readonly brake: string | null;
};

export function readServiceView(
  { config, keys, view }: ViewDeps,
  { parsed = new WeakMap(), service, op, brake }: ReadViewInput,
): View {
  const verifying = op?.phase === 'VERIFY_NEW' && op.epoch !== null ? { opId: op.opId, epoch: op.epoch } : null;
  return buildView({
    service: service.id,
    nodes: service.nodes.map((node) => node.id),
    probers: config.cluster.probers,
    minVantages: config.cluster.quorum.minVantages,
    observations: readObservations({ config, keys, view }, service, parsed),
    suspicions: readKeys({ config, keys, view }, `${keys.suspicions}${service.id}/`),
    abstaining: readAbstaining({ config, keys, view }),
    verifying,
    revision: view.revision(),
    brake,
  });
}

function readObservations(
  { keys, view }: ViewDeps,
  service: ServiceConfig,
  known: ParsedObservations,
): readonly SeenObservation[] {
  const prefix = `${keys.observations}${service.id}/`;
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

function readKeys({ view }: ViewDeps, prefix: string): readonly { node: string; prober: string }[] {
  return view.list(prefix).map((entry) => {
    const [node = '', prober = ''] = entry.key.slice(prefix.length).split('/');
    return { node, prober };
  });
}

function readAbstaining({ config, keys, view }: ViewDeps): readonly string[] {
  return config.cluster.probers
    .filter((prober) => {
      const text = view.get(keys.prober(prober.id))?.value;
      if (text === undefined) return false;
      try {
        return (JSON.parse(text) as { selfCheck?: { kind?: string } }).selfCheck?.kind === 'isolated';
      } catch {
        return true;
      }
    })
    .map((prober) => prober.id);
}

/** S19: a START INTENT stands only if no observation of another node has changed since the machine looked. */
export function observationGuards(
  deps: ViewDeps,
  service: ServiceConfig,
  { op, local }: Pick<MachineState, 'op' | 'local'>,
): readonly Guard[] {
  return service.nodes.flatMap((node) => {
    if (node.id === op?.to) return [];
    return deps.config.cluster.probers.map((prober): Guard => {
      const key = deps.keys.observation(service.id, node.id, prober.id);
      const entry = deps.view.get(key);
      // The copy may be ahead of the view that was decided from: what was not looked at must not be there.
      const isSeen = entry !== undefined && entry.version <= local.view.revision;
      return isSeen ? { kind: 'version', key, version: entry.version } : { kind: 'absent', key };
    });
  });
}
