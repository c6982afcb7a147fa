// What processes really committed: no start without proof for every other node (I2), numbers that only rise (I4), nothing
// recorded as down that runs (I7), the bounds of automatic operations (I11), no step in maintenance (I12).
import type { Operation } from '../../src/failover/operation.ts';
import type { ServiceRecord } from '../../src/failover/service-state.ts';
import type { Observation } from '../../src/health/observation.ts';
import type { StoreWrite } from '../../src/ports/store.ts';
import type { HistoryOptions, Violate } from './history.ts';

type Options = Omit<HistoryOptions, 'isLogged' | 'majority'> & {
  readonly violate: Violate;
  readonly note: (text: () => string) => void;
  readonly isHeldBy: (node: string) => boolean;
};

type JournalEntry = {
  readonly opId: string;
  readonly kind: string;
  readonly text: string;
  readonly phase: string;
  readonly evidence: { readonly kind?: string; readonly node?: string };
};

export class RecordChecks {
  readonly #options: Options;
  readonly #crumbs = new Map<string, string>();
  readonly #verified = new Map<string, Set<string>>();
  readonly #terms = new Map<string, number>();
  readonly #automatic: { readonly opId: string; readonly atMs: number }[] = [];
  readonly #listeners: ((phase: string) => void)[] = [];
  /** When a process wrote last. */
  lastWriteMs = 0;
  #service: ServiceRecord | null = null;
  #op: Operation | null = null;
  #tail: Operation | null = null;
  #termMax = 0;
  #grant: { readonly node: string; readonly epoch: number } | null = null;
  /** Operations that have touched a node. */
  readonly #touching = new Set<string>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** Phases of the running operation and of the tail, as the store has them. */
  get phases(): readonly string[] {
    const phases = [this.#op?.phase, this.#tail?.phase].filter((phase) => phase !== undefined);
    return phases.length === 0 ? ['none'] : phases;
  }

  get service(): ServiceRecord | null {
    return this.#service;
  }

  get operation(): Operation | null {
    return this.#op;
  }

  get tail(): Operation | null {
    return this.#tail;
  }

  onPhase(listener: (phase: string) => void): void {
    this.#listeners.push(listener);
  }

  /** The term that a process took last. */
  termOf(process: string): number {
    return this.#terms.get(process) ?? 0;
  }

  /** How many probers have written that they see the node up in the verification of this epoch. */
  verifiers(node: string, epoch: number): number {
    return this.#verified.get(`${node} ${epoch}`)?.size ?? 0;
  }

  committed(sender: string, writes: readonly StoreWrite[]): void {
    this.lastWriteMs = this.#options.nowMs();
    const held = modeOf(this.#service);
    const nodeMaintenance = this.#service?.nodeMaintenance ?? {};
    const before = this.#op;
    for (const write of writes) this.#take(sender, write);
    this.#checkEnd(before, writes);
    for (const write of writes) {
      if (write.kind !== 'put' || !write.key.includes('/journal/')) continue;
      const entry = JSON.parse(write.value) as JournalEntry;
      this.#options.note(() => `${entry.kind} ${entry.phase} ${entry.text}`);
      if (entry.kind === 'INTENT') this.#checkIntent(entry, held, nodeMaintenance);
      // A REVOKE is the first effect where there is a lease: the agent that learns of it stops at once (S15, S36).
      if (entry.kind === 'NOTE' && entry.text.endsWith('its lease is renewed no more')) this.#checkBounds(entry.opId);
    }
    this.#checkRight(sender, writes);
  }

  #take(sender: string, write: StoreWrite): void {
    const [, , , room = '', ...path] = write.key.split('/');
    const value = write.kind === 'put' ? write.value : null;
    switch (room) {
      case 'service':
        return value === null ? undefined : this.#takeService(JSON.parse(value) as ServiceRecord);
      case 'op':
        return this.#takeOperation(value === null ? null : (JSON.parse(value) as Operation));
      case 'tail':
        return this.#takeTail(value === null ? null : (JSON.parse(value) as Operation));
      case 'breadcrumb':
        return value === null ? undefined : this.#takeCrumb(path[1] ?? '', value);
      case 'obs':
        return value === null ? undefined : this.#takeVote(path, value);
      case 'term':
        return this.#takeTerm(sender, value);
      case 'grant':
        return this.#takeGrant(value);
      case 'history':
        return this.#takeEnd(value);
      default:
        return undefined;
    }
  }

  /** I4: epoch and step of a service only rise. */
  #takeService(next: ServiceRecord): void {
    const before = this.#service;
    this.#service = next;
    if (before === null || (next.epoch >= before.epoch && next.step >= before.step)) return;
    this.#options.violate('I4', `epoch ${next.epoch} step ${next.step} after ${before.epoch} and ${before.step}`);
  }

  #takeOperation(op: Operation | null): void {
    const before = this.#op?.phase;
    this.#op = op;
    if (op !== null && op.phase !== before) for (const listener of this.#listeners) listener(op.phase);
  }

  #takeTail(tail: Operation | null): void {
    const before = this.#tail?.phase;
    this.#tail = tail;
    if (tail !== null && tail.phase !== before) for (const listener of this.#listeners) listener(tail.phase);
  }

  #takeTerm(sender: string, value: string | null): void {
    const { term, state } = JSON.parse(value ?? '0') as { readonly term?: number; readonly state?: string };
    if (term === undefined) return;
    if (state === 'held') {
      if (term <= this.#termMax) this.#options.violate('I4', `term ${term} after ${this.#termMax}`);
      for (const other of this.#options.whoElseMayAct(sender))
        this.#options.violate('I10', `${sender} takes term ${term} while the right of ${other} has not ended`);
      this.#terms.set(sender, term);
    }
    this.#options.onTerm(sender, state === 'held');
    this.#termMax = Math.max(this.#termMax, term);
    this.#options.note(() => `TERM ${term} ${state} ${sender}`);
  }

  #takeEnd(value: string | null): void {
    if (value === null) return;
    const { op, outcome, summary } = JSON.parse(value) as { op: Operation; outcome: string; summary: string };
    if (outcome === 'aborted' && this.#touching.has(op.opId))
      this.#options.violate('I6', `${op.kind} ${op.opId} has touched nodes and ends as aborted: ${summary}`);
    this.#options.coverage.count('operation', `${op.kind} ${outcome}`);
    this.#options.note(() => `ENDED ${op.kind} ${op.opId} ${outcome}: ${summary}`);
  }

  /** I4: every grant to a node has an epoch of its own. */
  #takeGrant(value: string | null): void {
    if (value === null) return;
    const { node, epoch, revoked } = JSON.parse(value) as { node: string; epoch: number; revoked: boolean };
    const before = this.#grant;
    if (revoked || (before?.node === node && before.epoch === epoch)) return;
    this.#grant = { node, epoch };
    if (before !== null && epoch <= before.epoch)
      this.#options.violate('I4', `epoch ${epoch} is granted to ${node} after epoch ${before.epoch} to ${before.node}`);
  }

  /** What is on record of a node. */
  crumbOf(node: string): string {
    return this.#crumbs.get(node) ?? 'unknown';
  }

  /** I7: nothing is recorded as down that holds the resource, unless its device or its script lies. */
  #takeCrumb(node: string, value: string): void {
    const { kind, how } = JSON.parse(value) as { kind: string; how?: string };
    if (this.#crumbs.get(node) !== kind) this.#options.note(() => `CRUMB ${node} ${kind} ${how ?? ''}`);
    this.#crumbs.set(node, kind);
    if (kind === 'down' && this.#options.isHeldBy(node) && !this.#options.isLiar(node))
      this.#options.violate('I7', `${node} is recorded as down (${how}) while it runs`);
  }

  #takeVote([, node = '', prober = '']: readonly string[], value: string): void {
    const { verdict, stamp } = JSON.parse(value) as Observation;
    this.#options.note(() => `VOTE ${prober} ${node} ${verdict}${stamp === null ? '' : ` for epoch ${stamp.epoch}`}`);
    if (verdict !== 'up' || stamp === null) return;
    const name = `${node} ${stamp.epoch}`;
    this.#verified.set(name, (this.#verified.get(name) ?? new Set()).add(prober));
  }

  #checkIntent(entry: JournalEntry, held: string | null, nodes: ServiceRecord['nodeMaintenance']): void {
    const { kind = '', node = '' } = entry.evidence;
    if (kind === 'stop' || kind === 'fence' || kind === 'start') this.#touching.add(entry.opId);
    this.#options.coverage.count('effect', `${kind} intended`);
    if (held !== null && modeOf(this.#service) !== null)
      this.#options.violate('I12', `${kind} of ${node} is intended while the service is ${held}`);
    if (kind === 'fence' && nodes[node] !== undefined)
      this.#options.violate('I12', `${node} is fenced while it is in maintenance`);
    if (kind === 'fence' && this.#op?.kind === 'fenceTest' && this.#service?.active === node)
      this.#options.violate('I12', `${node} is active and is fenced for a test`);
    this.#checkBounds(entry.opId);
    if (kind !== 'start' && kind !== 'adopt') return;
    for (const other of this.#options.nodes) {
      const crumb = this.crumbOf(other);
      if (other !== node && crumb !== 'down')
        this.#options.violate('I2', `${kind} of ${node} while ${other} is ${crumb} on record`);
    }
  }

  /** I15: no operation goes without a word of how it ended. */
  #checkEnd(before: Operation | null, writes: readonly StoreWrite[]): void {
    if (before === null || this.#op?.opId === before.opId || this.#tail?.opId === before.opId) return;
    const isTold = writes.some(({ key }) => key.includes('/history/') && key.endsWith(`/${before.opId}`));
    if (!isTold) this.#options.violate('I15', `${before.kind} ${before.opId} is gone without an end`);
  }

  /** I11: cooldown and budget count from the first effect of an automatic operation (S36). */
  #checkBounds(opId: string): void {
    const { kind } = this.#op ?? {};
    if ((kind !== 'automatic' && kind !== 'coldStart') || this.#op?.opId !== opId) return;
    if (this.#automatic.some((known) => known.opId === opId)) return;
    const { nowMs, cooldownMs, budget, violate } = this.#options;
    const atMs = nowMs();
    const last = this.#automatic.at(-1);
    if (last !== undefined && atMs - last.atMs < cooldownMs)
      violate('I11', `an automatic operation ${Math.round(atMs - last.atMs)} ms after the one before`);
    this.#automatic.push({ opId, atMs });
    const recent = this.#automatic.filter((known) => atMs - known.atMs < budget.perMs);
    if (recent.length > budget.count)
      violate('I11', `${recent.length} automatic operations, the budget is ${budget.count}`);
  }

  /** S7, S8: what a controller writes is written in the newest term, under the configuration in force. */
  #checkRight(sender: string, writes: readonly StoreWrite[]): void {
    const isControllers = writes.some(({ key }) => key.includes('/service/') || key.includes('/op/'));
    if (!isControllers) return;
    if (this.termOf(sender) < this.#termMax)
      this.#options.violate('I4', `${sender} of term ${this.termOf(sender)} wrote in term ${this.#termMax}`);
    if (this.#options.isOutside(sender))
      this.#options.violate('S7', `${sender} decides, and is not in the configuration in force`);
    if (this.#options.hasStaleConfig(sender))
      this.#options.violate('S7', `${sender} decides under a configuration that is not in force any more`);
  }
}

/** The mode in which nothing may be begun, if there is one (S35). */
function modeOf(service: ServiceRecord | null): string | null {
  if (service === null) return null;
  if (service.maintenance !== null) return 'in maintenance';
  return service.frozen === null ? null : 'frozen';
}
