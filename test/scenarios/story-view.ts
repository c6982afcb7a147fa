// What three probers see of the nodes of a story: the truth, unless a story tells otherwise of one of them. An observation is
// written when the look changes or a verification asks for it, and keeps the revision at which it was written.
import { buildView, type SeenObservation, type ViewInput } from '../../src/failover/build-view.ts';
import type { Operation } from '../../src/failover/operation.ts';
import type { View } from '../../src/failover/view.ts';
import { PROBERS } from '../unit/failover/machine-fixture.ts';
import type { StoryNode } from './story-node.ts';

type Look = StoryNode['look'];

/** What differs for one prober: it is not heard, reaches none of its references, or sees a node that others see otherwise. */
export type Sight = { isSilent: boolean; abstains: boolean; readonly sees: Map<string, Look> };

type Written = { readonly text: string; readonly revision: number };

export class StoryProbers {
  /** Why the mass-failure brake holds; null when it does not. */
  brake: string | null = null;
  #revision = 1;
  readonly #written = new Map<string, Written>();
  readonly #sights = new Map<string, Sight>();

  sight(prober: string): Sight {
    if (!PROBERS.some(({ id }) => id === prober))
      throw new RangeError(`Cannot find prober of the story: value was ${prober}`);
    const known = this.#sights.get(prober) ?? { isSilent: false, abstains: false, sees: new Map() };
    this.#sights.set(prober, known);
    return known;
  }

  /** The prober sees what is there again. */
  clear(prober: string): void {
    this.#sights.delete(prober);
  }

  /** `isWarm`: standbys have a check of their own, which every prober runs on whoever is not active. */
  look(nodes: readonly StoryNode[], op: Operation | null, isWarm = false): View {
    const verifying = op?.phase === 'VERIFY_NEW' && op.epoch !== null ? { opId: op.opId, epoch: op.epoch } : null;
    return buildView({
      service: 'web',
      nodes: nodes.map(({ id }) => id),
      probers: PROBERS,
      minVantages: 2,
      observations: nodes.flatMap((node) => this.#observe(node, verifying)),
      suspicions: [],
      ...(isWarm ? { standby: this.#lookAtStandbys(nodes) } : {}),
      abstaining: PROBERS.map(({ id }) => id).filter((id) => this.#sights.get(id)?.abstains === true),
      verifying,
      revision: this.#revision,
      brake: this.brake,
    });
  }

  #lookAtStandbys(nodes: readonly StoryNode[]): NonNullable<ViewInput['standby']> {
    const observations = nodes.flatMap((node) =>
      PROBERS.filter(({ id }) => this.#sights.get(id)?.isSilent !== true).map(({ id }) => {
        const look = node.look === 'gone' ? 'gone' : node.knobs.has('sick') ? 'down' : 'up';
        const observation = { ...observationOf(look, null), answering: false };
        return { prober: id, node: node.id, revision: this.#revision, observation };
      }),
    );
    return { nodes: nodes.map(({ id }) => id), observations };
  }

  #observe(node: StoryNode, verifying: SeenObservation['observation']['stamp']): readonly SeenObservation[] {
    return PROBERS.flatMap(({ id }) => {
      const sight = this.#sights.get(id);
      if (sight?.isSilent === true) return [];
      const look = sight?.sees.get(node.id) ?? node.look;
      const revision = this.#revisionOf(
        `${node.id} ${id}`,
        `${look} ${verifying?.opId ?? ''} ${verifying?.epoch ?? ''}`,
      );
      return [{ prober: id, node: node.id, revision, observation: observationOf(look, verifying) }];
    });
  }

  /** That of the last change of this observation. */
  #revisionOf(key: string, text: string): number {
    const known = this.#written.get(key);
    if (known?.text === text) return known.revision;
    this.#revision += 1;
    this.#written.set(key, { text, revision: this.#revision });
    return this.#revision;
  }
}

function observationOf(look: Look, stamp: SeenObservation['observation']['stamp']): SeenObservation['observation'] {
  const isUp = look === 'up';
  return {
    verdict: isUp ? 'up' : 'down',
    answering: isUp,
    reach: look === 'gone' ? 'unreached' : 'reached',
    reason: look,
    phases: {},
    streak: 2,
    checkedWallMs: 0,
    vantage: '',
    stamp,
  };
}
