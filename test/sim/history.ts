// Everything that happened in a run, in true order, and the invariants that are checked while it happens. It sees what
// processes cannot: who really holds the resource, what was really written, who really answered.
import type { ActionContext } from '../../src/ports/node-driver.ts';
import type { StoreWrite } from '../../src/ports/store.ts';

export type Violation = { readonly invariant: string; readonly text: string };

type ServiceNumbers = { readonly epoch: number; readonly step: number };

export class History {
  readonly violations: Violation[] = [];
  readonly log: string[] = [];
  readonly counts: Record<string, number> = {};
  readonly #nowMs: () => number;
  readonly #holders = new Set<string>();
  readonly #records = new Map<string, string>();
  readonly #begun = new Set<string>();
  readonly #verified = new Map<string, Set<string>>();
  #numbers: ServiceNumbers = { epoch: 0, step: 0 };
  #nodes: readonly string[] = [];
  #named: { readonly node: string; readonly epoch: number; readonly seq: number } | null = null;
  /** Whether a node says that it is off without being so; what is recorded of such a node may be wrong for a while. */
  isLiar: (node: string) => boolean = () => false;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  setNodes(nodes: readonly string[]): void {
    this.#nodes = nodes;
  }

  note(text: string): void {
    this.log.push(`${String(this.#nowMs()).padStart(7)} ${text}`);
  }

  count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  /** I1: at most one holder at any instant. */
  took(node: string, epoch: number): void {
    this.note(`TAKE ${node} epoch ${epoch}`);
    this.count('take');
    for (const other of this.#holders) {
      if (other !== node) this.#violate('I1', `${node} took the resource while ${other} held it`);
    }
    this.#holders.add(node);
  }

  released(node: string): void {
    this.note(`RELEASE ${node}`);
    this.#holders.delete(node);
  }

  /** I5: the effect of a step happens once. */
  began(node: string, action: string, { step, epoch, opId }: ActionContext): void {
    this.note(`BEGIN ${action} ${node} step ${step} epoch ${epoch} of ${opId}`);
    this.count(action);
    if (action === 'fence') return;
    const name = `${node} ${step}`;
    if (this.#begun.has(name)) this.#violate('I5', `${action} of ${node} ran twice under step ${step}`);
    this.#begun.add(name);
  }

  ended(node: string, action: string, kind: string): void {
    this.note(`END ${action} ${node} ${kind}`);
    this.count(`${action} ${kind}`);
  }

  /** A prober has written that it sees `node` up in the verification of this epoch. */
  verified(node: string, epoch: number, prober: string): void {
    const name = `${node} ${epoch}`;
    this.#verified.set(name, (this.#verified.get(name) ?? new Set()).add(prober));
  }

  /** I2, I4 and I7, from what controllers really committed. */
  committed(writes: readonly StoreWrite[]): void {
    for (const write of writes) this.#keepRecord(write);
    for (const write of writes) {
      if (write.kind === 'put' && write.key.includes('/journal/')) this.#checkJournal(write.value);
    }
  }

  /** I3, I4 and I14, from what the provider really holds after a write. */
  published(answer: { readonly nodes: readonly string[]; readonly epoch: number; readonly seq: number }): void {
    const { nodes, epoch, seq } = answer;
    const [node, ...more] = nodes;
    this.note(`DNS ${nodes.join(' ') || 'nothing'} epoch ${epoch} seq ${seq}`);
    this.count('dns');
    if (node === undefined || more.length > 0) return this.#violate('I14', `DNS answers ${nodes.length} addresses`);
    const before = this.#named;
    this.#named = { node, epoch, seq };
    if (before !== null && (epoch < before.epoch || seq <= before.seq))
      this.#violate('I4', `DNS went back to seq ${seq}`);
    if ((this.#verified.get(`${node} ${epoch}`)?.size ?? 0) < 2)
      this.#violate('I3', `DNS names ${node} before VERIFY of epoch ${epoch}`);
  }

  foreignChanged(): void {
    this.#violate('I14', 'a foreign record was changed');
  }

  #keepRecord(write: StoreWrite): void {
    if (write.kind === 'delete') return void this.#records.delete(write.key);
    const before = this.#records.get(write.key);
    this.#records.set(write.key, write.value);
    if (write.key.includes('/breadcrumb/')) this.#checkCrumb(write.key, write.value, before);
    if (!write.key.includes('/service/')) return;
    const { epoch, step } = JSON.parse(write.value) as ServiceNumbers;
    if (epoch < this.#numbers.epoch || step < this.#numbers.step)
      this.#violate('I4', `epoch ${epoch} step ${step} after more`);
    this.#numbers = { epoch, step };
  }

  /** I7: nothing is recorded as down that holds the resource, unless its device or its script lies. */
  #checkCrumb(key: string, value: string, before: string | undefined): void {
    const node = key.split('/').at(-1) ?? '';
    const { kind, how } = JSON.parse(value) as { kind: string; how?: string };
    if (value !== before) this.note(`CRUMB ${node} ${kind} ${how ?? ''}`);
    if (kind === 'down' && this.#holders.has(node) && !this.isLiar(node)) {
      this.#violate('I7', `${node} is recorded as down (${how}) while it runs`);
    }
  }

  /** I2: every other node is on record as down in the commit of a START INTENT or before it. */
  #checkJournal(value: string): void {
    const entry = JSON.parse(value) as {
      kind: string;
      text: string;
      phase: string;
      evidence: { kind?: string; node?: string };
    };
    this.note(`${entry.kind} ${entry.phase} ${entry.text}`);
    const { kind, node } = entry.evidence;
    if (entry.kind !== 'INTENT' || (kind !== 'start' && kind !== 'adopt')) return;
    for (const other of this.#nodes) {
      if (other === node) continue;
      const key = [...this.#records.keys()].find((name) => name.endsWith(`/breadcrumb/web/${other}`));
      const crumb =
        key === undefined ? 'unknown' : (JSON.parse(this.#records.get(key) ?? '{}') as { kind: string }).kind;
      if (crumb !== 'down') this.#violate('I2', `${kind} of ${node} while ${other} is ${crumb} on record`);
    }
  }

  #violate(invariant: string, text: string): void {
    this.note(`VIOLATION ${invariant}: ${text}`);
    this.violations.push({ invariant, text });
  }
}
