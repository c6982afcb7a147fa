// The answer of an active-active service, by what really happened: who was ever seen up by a majority, who was taken out by a
// person, and what is written (S28, S31). What it should be once all is calm is looked at in set-end.ts.
import type { Answered, DnsIntent } from '../../../src/failover/intent.ts';
import type { ServiceRecord } from '../../../src/failover/service-state.ts';
import type { Answer } from '../check-dns.ts';
import type { Violate } from '../history.ts';
import type { SetRun } from './set-run.ts';

export type SetChecksOptions = {
  readonly run: SetRun;
  readonly nodes: readonly string[];
  readonly minHealthy: number;
  readonly nowMs: () => number;
  readonly violate: Violate;
  /** How many probers say now, as the store has it, that they see the node up. */
  readonly votesUp: (node: string) => number;
  readonly majority: () => number;
};

/** Of a slow start (members.ts). */
const FULL = 5;
/** Name servers say that for so long an answer may be held; clocks may be fast. */
const HELD_MS = 900;

export class SetChecks {
  readonly #options: SetChecksOptions;
  /** Seen up by a majority at some instant since the last time that people had worked on it. */
  readonly #verified = new Set<string>();
  readonly #unnamedAtMs = new Map<string, number>();
  #named: readonly string[] = [];
  #seq = 0;
  #seqSeen = 0;

  constructor(options: SetChecksOptions) {
    this.#options = options;
  }

  /** After every commit of whomever. */
  looked(): void {
    const { nodes, votesUp, majority } = this.#options;
    for (const node of nodes) if (votesUp(node) >= majority()) this.#verified.add(node);
  }

  /** The service's record is another one. */
  took(before: ServiceRecord | null, next: ServiceRecord): void {
    for (const node of Object.keys(next.nodeMaintenance)) {
      if (before?.nodeMaintenance[node] === undefined) this.#verified.delete(node);
    }
    this.looked();
    const { pending } = next.dns;
    if (pending === null || pending.seq <= this.#seq) return;
    this.#seq = pending.seq;
    this.#checkIntent(pending, before, next);
  }

  published({ nodes: named, epoch, seq }: Answer): void {
    const { violate, nodes, nowMs } = this.#options;
    if (named.length === 0) violate('I14', 'DNS answers nothing');
    for (const node of named) if (!nodes.includes(node)) violate('I14', `DNS answers ${node}, which is no node`);
    if (seq <= this.#seqSeen) violate('I4', `DNS went from seq ${this.#seqSeen} to epoch ${epoch} seq ${seq}`);
    this.#seqSeen = seq;
    for (const node of this.#named) if (!named.includes(node)) this.#unnamedAtMs.set(node, nowMs());
    this.#named = named;
  }

  /** S31: the action of a drain begins when nobody is sent there any more. */
  began(node: string, action: string): void {
    if (action !== 'drain') return;
    const { violate, nowMs } = this.#options;
    if (this.#named.includes(node)) violate('S31', `the drain of ${node} begins while DNS names it`);
    const agoMs = nowMs() - (this.#unnamedAtMs.get(node) ?? Number.NEGATIVE_INFINITY);
    if (agoMs < HELD_MS) violate('S31', `the drain of ${node} begins ${Math.round(agoMs)} ms after DNS named it`);
  }

  #checkIntent({ answers = [] }: DnsIntent, before: ServiceRecord | null, next: ServiceRecord): void {
    const { violate } = this.#options;
    if (answers.length === 0) violate('I14', 'an answer of nothing is intended');
    // In maintenance of the service, and while it is frozen, the last answer stays, whoever was taken out since (S35).
    if (next.maintenance !== null || next.frozen !== null) return;
    for (const { node } of answers) this.#checkNamed(node, answers, next);
    this.#checkResync(answers, next);
    this.#checkSlowStart(answers, before, next);
  }

  /** I3, I12: nobody is named anew who was never seen up, or whom a person took out. */
  #checkNamed(node: string, answers: readonly Answered[], { members = {}, nodeMaintenance, dns }: ServiceRecord): void {
    const { violate } = this.#options;
    // Without anybody who may answer the last answer stays, and only its TTL changes (S28).
    const last = dns.confirmed?.answers?.map((answer) => answer.node).join();
    if (last === answers.map((answer) => answer.node).join() && !this.#mayAnyAnswer(members, nodeMaintenance)) return;
    const isOut = (members[node]?.drained ?? null) !== null || nodeMaintenance[node] !== undefined;
    if (isOut) violate('I12', `${node} is named, which a person took out`);
    if (!this.#verified.has(node)) violate('I3', `${node} is named, which no majority has seen up`);
  }

  /** S36: where enough others answer, whoever owes a resync is left out. */
  #checkResync(answers: readonly Answered[], { members = {} }: ServiceRecord): void {
    const { violate, minHealthy } = this.#options;
    const inOrder = answers.filter(({ node }) => members[node]?.isIn === true && members[node]?.owesResync === false);
    if (inOrder.length < minHealthy) return;
    for (const { node } of answers)
      if (members[node]?.owesResync === true) violate('S36', `${node} is named and owes a resync`);
  }

  #mayAnyAnswer(members: NonNullable<ServiceRecord['members']>, worked: ServiceRecord['nodeMaintenance']): boolean {
    return this.#options.nodes.some((node) => {
      const { verified = null, drained = null } = members[node] ?? {};
      return verified !== null && drained === null && worked[node] === undefined;
    });
  }

  /** Who comes new beside somebody who has its whole share gets a part of its own. */
  #checkSlowStart(answers: readonly Answered[], before: ServiceRecord | null, next: ServiceRecord): void {
    const { run, violate, minHealthy } = this.#options;
    const confirmed = before?.dns.confirmed ?? null;
    const { members = {} } = next;
    const isHealthy = (node: string) => members[node]?.isIn === true && members[node]?.drained === null;
    const healthy = answers.filter(({ node }) => isHealthy(node));
    if (run.slowStartMs === 0 || confirmed === null || healthy.length < Math.max(1, minHealthy)) return;
    const shown = new Set(confirmed.answers?.map(({ node }) => node) ?? []);
    const full = answers.filter(({ node }) => shown.has(node) && members[node]?.stage === FULL && isHealthy(node));
    for (const fresh of answers) {
      if (shown.has(fresh.node) || this.#wasIn(before, fresh.node)) continue;
      for (const old of full)
        if (this.#rate(fresh) >= this.#rate(old))
          violate('S28', `${fresh.node} comes new and has at once as much as ${old.node}`);
    }
  }

  #wasIn(before: ServiceRecord | null, node: string): boolean {
    return before?.members?.[node]?.isIn === true;
  }

  #rate({ node, weight }: Answered): number {
    const { nodes, run } = this.#options;
    return weight / (run.weights[nodes.indexOf(node)] ?? 1);
  }
}
