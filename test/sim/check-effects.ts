// What may be done to nodes, checked at the moment when a script really begins: once for each step (I5), by nobody who has
// been cut off from the store for longer than its right lasts (I8, I9), and by one term at a time (I10).
import type { ActionContext } from '../../src/ports/node-driver.ts';
import type { RecordChecks } from './check-records.ts';
import type { HistoryOptions, Violate } from './history.ts';

/** The process in whose name a script runs, as it was when it asked for it. */
export type Sender = {
  readonly id: string;
  readonly term: number;
  /** True time since which it has heard nothing from the store. */
  readonly lastContactMs: () => number;
  /** How long after its last contact it may act at most, on the slowest clock. */
  readonly rightMs: number;
  /** Whether nobody reaches the store. */
  readonly isStoreDown: () => boolean;
};

type Options = Pick<HistoryOptions, 'nowMs'> & { readonly violate: Violate; readonly records: RecordChecks };

export class EffectChecks {
  readonly #options: Options;
  readonly #begun = new Set<string>();
  readonly #running = new Map<string, { readonly term: number; readonly action: string }>();
  #termMax = 0;

  constructor(options: Options) {
    this.#options = options;
  }

  asked(node: string, action: string, sender: Sender): void {
    this.#checkTerm(node, action, sender);
  }

  began(node: string, action: string, { context, sender }: { context: ActionContext; sender: Sender }): void {
    this.#checkTerm(node, action, sender);
    this.#checkOnce(node, action, context);
    this.#checkRight(node, action, sender);
    this.#running.set(`${node} ${action} ${context.step}`, { term: sender.term, action });
  }

  ended(node: string, action: string, step: number): void {
    this.#running.delete(`${node} ${action} ${step}`);
  }

  #checkOnce(node: string, action: string, { generation, epoch, step }: ActionContext): void {
    const intended = this.#options.records.service?.step ?? 0;
    if (step > intended) this.#options.violate('I6', `${action} of ${node} begins before its INTENT, step ${step}`);
    if (action === 'fence') return;
    const name = `${node} ${generation} ${step}`;
    if (this.#begun.has(name))
      this.#options.violate('I5', `${action} of ${node} ran twice under step ${step}, epoch ${epoch}`);
    this.#begun.add(name);
  }

  #checkRight(node: string, action: string, sender: Sender): void {
    const silentMs = this.#options.nowMs() - sender.lastContactMs();
    if (silentMs <= sender.rightMs) return;
    const invariant = sender.isStoreDown() ? 'I9' : 'I8';
    this.#options.violate(
      invariant,
      `${action} of ${node} by ${sender.id}, which has not heard from the store for ${Math.round(silentMs)} ms`,
    );
  }

  /** A controller's right ends before its successor acts: nothing of the old term begins or still runs then. */
  #checkTerm(node: string, action: string, sender: Sender): void {
    if (sender.term < this.#termMax)
      this.#options.violate('I10', `${action} of ${node} by term ${sender.term} after term ${this.#termMax} has acted`);
    if (sender.term <= this.#termMax) return;
    this.#termMax = sender.term;
    for (const [name, { term }] of this.#running) {
      if (term < sender.term)
        this.#options.violate('I10', `term ${sender.term} acts while a script of term ${term} runs: ${name}`);
    }
  }
}
