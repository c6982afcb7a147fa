// What three probers see of the nodes of a story. An observation is written when the look changes or a verification asks for
// it, and keeps the revision at which it was written.
import { buildView, type SeenObservation } from '../../src/failover/build-view.ts';
import type { Operation } from '../../src/failover/operation.ts';
import type { View } from '../../src/failover/view.ts';
import { PROBERS } from '../unit/failover/machine-fixture.ts';
import type { StoryNode } from './story-node.ts';

type Written = { readonly text: string; readonly revision: number };

export class StoryProbers {
  #revision = 1;
  readonly #written = new Map<string, Written>();

  look(nodes: readonly StoryNode[], op: Operation | null): View {
    const verifying = op?.phase === 'VERIFY_NEW' && op.epoch !== null ? { opId: op.opId, epoch: op.epoch } : null;
    return buildView({
      service: 'web',
      nodes: nodes.map(({ id }) => id),
      probers: PROBERS,
      minVantages: 2,
      observations: nodes.flatMap((node) => this.#observe(node, verifying)),
      suspicions: [],
      abstaining: [],
      verifying,
      revision: this.#revision,
      brake: null,
    });
  }

  #observe(node: StoryNode, verifying: SeenObservation['observation']['stamp']): readonly SeenObservation[] {
    const text = `${node.look} ${verifying?.opId ?? ''} ${verifying?.epoch ?? ''}`;
    if (this.#written.get(node.id)?.text !== text) {
      this.#revision += 1;
      this.#written.set(node.id, { text, revision: this.#revision });
    }
    const isUp = node.look === 'up';
    const observation = {
      verdict: isUp ? 'up' : 'down',
      answering: isUp,
      reach: node.look === 'gone' ? 'unreached' : 'reached',
      reason: node.look,
      phases: {},
      streak: 2,
      checkedWallMs: 0,
      vantage: '',
      stamp: verifying,
    } as const;
    const revision = this.#written.get(node.id)?.revision ?? 0;
    return PROBERS.map(({ id }) => ({ prober: id, node: node.id, revision, observation }));
  }
}
