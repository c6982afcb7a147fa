// Everything that happened in a run, in true order, and the invariants that are checked after every event of it. It sees what
// processes cannot: who really holds the resource, what was really written, who really answered.
import type { ActionContext } from '../../src/ports/node-driver.ts';
import type { CommitRequest } from '../../src/ports/store.ts';
import { type Answer, DnsChecks } from './check-dns.ts';
import { EffectChecks, type Sender } from './check-effects.ts';
import { RecordChecks } from './check-records.ts';
import type { Coverage } from './coverage.ts';
import { ExclusiveResource } from './exclusive-resource.ts';
import { SetChecks, type SetChecksOptions } from './set/check-set.ts';

export type Violation = { readonly invariant: string; readonly text: string };
export type Violate = (invariant: string, text: string) => void;

export type HistoryOptions = {
  readonly nowMs: () => number;
  readonly coverage: Coverage;
  readonly isLogged: boolean;
  readonly nodes: readonly string[];
  readonly majority: number;
  /** Whether something about the node lies on purpose: what is recorded of such a node may be wrong for a while. */
  readonly isLiar: (node: string) => boolean;
  /** Whether a process still runs under a configuration that is not in force any more (S7). */
  readonly hasStaleConfig: (process: string) => boolean;
  /** Whether a process is no prober of the configuration in force (S7). */
  readonly isOutside: (process: string) => boolean;
  /** Processes but this one that hold a session under which they may act as controller (S9). */
  readonly whoElseMayAct: (process: string) => readonly string[];
  /** A process has taken a term, or has given it up cleanly. */
  readonly onTerm: (process: string, isHeld: boolean) => void;
  readonly cooldownMs: number;
  readonly budget: { readonly count: number; readonly perMs: number };
  /** The service is active-active; null: it has one holder. */
  readonly set: Pick<SetChecksOptions, 'run' | 'minHealthy' | 'votesUp' | 'majority'> | null;
};

export class History {
  readonly violations: Violation[] = [];
  readonly log: string[] = [];
  readonly resource = new ExclusiveResource();
  readonly records: RecordChecks;
  readonly #options: HistoryOptions;
  readonly #effects: EffectChecks;
  readonly #begunListeners: (() => void)[] = [];
  /** Each provider is looked at as if it were the only one. */
  readonly #dns: Readonly<Record<'dns' | 'dns2', Pick<DnsChecks, 'published'>>>;
  readonly #set: SetChecks | null;

  constructor(options: HistoryOptions) {
    this.#options = options;
    const violate: Violate = (invariant, text) => this.#violate(invariant, text);
    const shared = { ...options, violate, note: (text: () => string) => this.note(text) };
    this.records = new RecordChecks({ ...shared, isHeldBy: (node) => this.resource.isHeldBy(node) });
    this.#effects = new EffectChecks({ ...shared, records: this.records });
    this.#set = options.set === null ? null : new SetChecks({ ...shared, ...options.set });
    const checks = () => new DnsChecks({ ...shared, records: this.records });
    this.#dns = { dns: this.#set ?? checks(), dns2: checks() };
  }

  note(text: () => string): void {
    if (this.#options.isLogged) this.log.push(`${this.#options.nowMs().toFixed(0).padStart(7)} ${text()}`);
  }

  count(group: 'fate' | 'effect' | 'command', what: string): void {
    this.#options.coverage.count(group, what);
  }

  /** I1: at most one holder at any instant. */
  took(node: string, epoch: number): void {
    this.note(() => `TAKE ${node} epoch ${epoch}`);
    if (this.#set !== null) return;
    const other = this.resource.take(node, this.#options.nowMs());
    if (other !== null) this.#violate('I1', `${node} took the resource while ${other} held it`);
    if (this.records.crumbOf(node) === 'down' && !this.#options.isLiar(node))
      this.#violate('I7', `${node} took the resource while it is recorded as down`);
  }

  released(node: string): void {
    this.note(() => `RELEASE ${node}`);
    this.resource.release(node, this.#options.nowMs());
  }

  /** Called once, when the next script begins. */
  onceBegun(listener: () => void): void {
    this.#begunListeners.push(listener);
  }

  /** A request has reached the machine on which its script would run, whatever becomes of it. */
  asked(node: string, action: string, sender: Sender): void {
    this.#effects.asked(node, action, sender);
  }

  began(node: string, action: string, { context, sender }: { context: ActionContext; sender: Sender }): void {
    const { step, epoch, opId } = context;
    this.note(
      () => `BEGIN ${action} ${node} step ${step} epoch ${epoch} of ${opId} by ${sender.id} term ${sender.term}`,
    );
    this.#effects.began(node, action, { context, sender });
    this.#set?.began(node, action);
    for (const listener of this.#begunListeners.splice(0)) listener();
  }

  ended(node: string, action: string, kind: string, step: number): void {
    this.note(() => `END ${action} ${node} ${kind}`);
    this.count('effect', `${action} ${kind}`);
    this.#effects.ended(node, action, step);
  }

  /** What a process really wrote, whether or not it has heard so. */
  committed(sender: string, { writes }: Pick<CommitRequest, 'writes'>): void {
    const before = this.records.service;
    this.records.committed(sender, writes);
    const { service } = this.records;
    if (service !== null && service !== before) this.#set?.took(before, service);
    else this.#set?.looked();
  }

  published(provider: 'dns' | 'dns2', answer: Answer): void {
    this.note(
      () => `${provider.toUpperCase()} ${answer.nodes.join(' ') || 'nothing'} epoch ${answer.epoch} seq ${answer.seq}`,
    );
    this.count('effect', `${provider} written`);
    this.#dns[provider].published(answer);
  }

  foreignChanged(what: string): void {
    this.#violate('I14', `a foreign record was changed: ${what}`);
  }

  /** I13: who only reads has asked for a change. */
  wroteWhileReading(what: string): void {
    this.#violate('I13', `a command that reads asked for: ${what}`);
  }

  /** A prober that ends by itself: in a run there is never a second process under its id. */
  gaveUp(prober: string, error: unknown): void {
    this.#violate('I15', `${prober} ended by itself: ${error instanceof Error ? error.message : String(error)}`);
  }

  #violate(invariant: string, text: string): void {
    this.note(() => `VIOLATION ${invariant}: ${text}`);
    this.violations.push({ invariant, text });
  }
}
