// What the DNS provider really holds after a write: one address, verified under its epoch before (I3), newer than what was
// there (I4), never empty (I14).
import type { RecordChecks } from './check-records.ts';
import type { HistoryOptions, Violate } from './history.ts';

/** `nodes`: ids of the nodes whose addresses are answered; an address of nobody stands for itself. */
export type Answer = { readonly nodes: readonly string[]; readonly epoch: number; readonly seq: number };

type Options = Pick<HistoryOptions, 'majority'> & { readonly violate: Violate; readonly records: RecordChecks };

export class DnsChecks {
  readonly #options: Options;
  #before: Answer | null = null;

  constructor(options: Options) {
    this.#options = options;
  }

  published(answer: Answer): void {
    const { violate, records, majority } = this.#options;
    const { nodes, epoch, seq } = answer;
    const [node, ...more] = nodes;
    if (node === undefined || more.length > 0) return violate('I14', `DNS answers ${nodes.length} addresses`);
    const before = this.#before;
    this.#before = answer;
    if (before !== null && (epoch < before.epoch || seq <= before.seq))
      violate('I4', `DNS went from epoch ${before.epoch} seq ${before.seq} back to epoch ${epoch} seq ${seq}`);
    const seenBy = records.verifiers(node, epoch);
    if (seenBy < majority) violate('I3', `DNS names ${node} in epoch ${epoch}, which ${seenBy} probers have verified`);
  }
}
