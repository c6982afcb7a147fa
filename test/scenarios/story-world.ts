// A small world around the machine: nodes with knobs, a DNS provider, a clock that jumps to what happens next, and a
// controller that can die before, while or after any effect. It writes down what happened as text.
import { dnsEvent } from '../../src/controller/record-places.ts';
import type { DnsIntent } from '../../src/failover/intent.ts';
import type { MachineCommand } from '../../src/failover/machine-command.ts';
import type { MachineEffect } from '../../src/failover/machine-effect.ts';
import type { DnsFound, DnsOutcome, MachineEvent } from '../../src/failover/machine-event.ts';
import { secondRecord } from '../../src/failover/second-record.ts';
import type { ServiceRules } from '../../src/failover/service-rules.ts';
import { EMPTY_LOCAL_STATE, EMPTY_SERVICE_RECORD, type MachineState } from '../../src/failover/service-state.ts';
import { step } from '../../src/failover/step.ts';
import { questionKey } from '../../src/failover/transition.ts';
import { describeStep } from './describe-step.ts';
import { DNS_FAILURES, emptyDns, namedBy } from './story-dns.ts';
import { StoryNode } from './story-node.ts';
import { StoryProbers } from './story-view.ts';

/** When the controller dies at an effect: nothing was done, it was cut off in between, or the result was lost. */
export type CrashPoint = 'before' | 'during' | 'after';

const WALL_MS = 1_767_225_600_000;
const EFFECT_MS = 100;
const TICK_MS = 250;
/** Longest wait for an operation to end or to block. */
const SETTLE_MS = 120_000;

export class StoryWorld {
  readonly nodes: readonly StoryNode[];
  readonly lines: string[] = [];
  readonly violations: string[] = [];
  readonly dns = emptyDns();
  /** The second provider, where the service has one. */
  readonly second = emptyDns();
  /** Name servers that do not answer anew after a cutover, and how long resolvers may hold what they say. */
  readonly late = { servers: [] as string[], drainMs: 0 };
  readonly probers = new StoryProbers();
  state: MachineState;
  /** Effects so far; a crash is planned at one of them. */
  effectCount = 0;
  crashAt: { readonly effect: number; readonly point: CrashPoint } | null = null;
  /** How far the wall clock of the controller was moved; a clock that counts time never is. */
  wallShiftMs = 0;
  #monoMs = 10_000;
  #requests = 0;
  #agenda: { readonly dueMs: number; readonly event: MachineEvent }[] = [];
  #lastView = '';
  readonly #wasUp = new Set<string>();

  constructor(rules: ServiceRules) {
    this.nodes = rules.nodes.map(({ id }) => new StoryNode(id));
    this.state = {
      rules,
      service: EMPTY_SERVICE_RECORD,
      breadcrumbs: {},
      grant: null,
      op: null,
      tail: null,
      local: EMPTY_LOCAL_STATE,
    };
    this.#takeOver();
  }

  node(id: string): StoryNode {
    const found = this.nodes.find((node) => node.id === id);
    if (found === undefined) throw new RangeError(`Cannot find node of the story: value was ${id}`);
    return found;
  }

  command(command: MachineCommand): void {
    this.#look();
    this.#requests += 1;
    this.#take({ kind: 'request', id: `r${this.#requests}`, version: 1, actor: 'ann', command });
  }

  /** The controller is gone, and the next one has waited it out. */
  crash(): void {
    this.lines.push('  (the controller dies)');
    this.#agenda = [];
    this.#takeOver();
  }

  wait(ms: number): void {
    const untilMs = this.#monoMs + ms;
    while (this.#monoMs < untilMs) this.#advance(untilMs);
  }

  /** Until nothing is under way, or what is under way waits for a person. */
  settle(): void {
    const untilMs = this.#monoMs + SETTLE_MS;
    do this.#advance(untilMs);
    while (this.#monoMs < untilMs && !this.#isSettled());
  }

  /** Until the operation, or its tail, is in `phase`. */
  until(phase: string): void {
    const untilMs = this.#monoMs + SETTLE_MS;
    while (this.#monoMs < untilMs && this.state.op?.phase !== phase && this.state.tail?.phase !== phase) {
      this.#advance(untilMs);
    }
  }

  /** At the record, beside any write; the answer belongs to the write that is in force. */
  look(found: DnsFound): void {
    this.#take({ kind: 'dnsLook', seq: this.state.service.dns.confirmed?.seq ?? 0, found });
  }

  openWindow(openForMs: number): void {
    this.#take({ kind: 'failbackWindow', openForMs });
  }

  get wallMs(): number {
    return WALL_MS + this.#monoMs + this.wallShiftMs;
  }

  #isSettled(): boolean {
    const { op, tail, service } = this.state;
    if (this.#agenda.length > 0) return false;
    const isWriting = service.dns.pending !== null || secondRecord(this.state)?.dns.pending != null;
    return (op === null || op.blocked !== null) && (tail === null || tail.blocked !== null) && !isWriting;
  }

  #takeOver(): void {
    const { term } = this.state.local;
    this.state = { ...this.state, local: EMPTY_LOCAL_STATE };
    this.#take({
      kind: 'takeover',
      term: term + 1,
      view: this.probers.look(this.nodes, this.state.op, this.state.rules.warmStandby),
    });
    // The story begins, and goes on, when the grace of the new controller is over.
    this.#monoMs += this.state.rules.startupGraceMs;
  }

  #advance(untilMs: number): void {
    this.#agenda.sort((a, b) => a.dueMs - b.dueMs);
    const next = this.#agenda[0];
    if (next !== undefined && next.dueMs <= this.#monoMs + TICK_MS) {
      this.#agenda.shift();
      this.#monoMs = Math.max(this.#monoMs, next.dueMs);
      this.#look();
      this.#take(next.event);
    } else this.#monoMs = Math.min(untilMs, this.#monoMs + TICK_MS);
    this.#look();
    this.#take({ kind: 'tick' });
  }

  #look(): void {
    for (const { id, look } of this.nodes) if (look === 'up') this.#wasUp.add(id);
    const view = this.probers.look(this.nodes, this.state.op, this.state.rules.warmStandby);
    const text = JSON.stringify(view);
    if (text === this.#lastView) return;
    this.#lastView = text;
    this.#take({ kind: 'seen', view });
  }

  #take(event: MachineEvent): void {
    const before = this.state;
    const decided = step(before, event, { monoMs: this.#monoMs, wallMs: this.wallMs });
    this.state = throughStore(before, decided.state);
    this.lines.push(...describeStep(decided));
    for (const effect of decided.effects) {
      if (effect.kind === 'run' && (effect.intent.kind === 'start' || effect.intent.kind === 'adopt')) {
        this.#checkStart(effect.intent.node, event.kind === 'takeover');
      }
      if (!this.#perform(effect)) return;
    }
  }

  /** I2: at the moment of a new START INTENT every other node is on record as down. */
  #checkStart(node: string, isRepeated: boolean): void {
    if (isRepeated || !this.state.rules.exclusive) return;
    for (const { id } of this.nodes) {
      if (id !== node && this.state.breadcrumbs[id]?.kind !== 'down')
        this.violations.push(`I2: ${node} before ${id} is down`);
    }
  }

  /** false: the controller died here, so what else it wanted does not happen. */
  #perform(effect: MachineEffect): boolean {
    if (effect.kind === 'reply' || effect.kind === 'alert' || effect.kind === 'resign') return true;
    this.effectCount += 1;
    const point = this.crashAt?.effect === this.effectCount ? this.crashAt.point : null;
    if (point === 'during' && effect.kind === 'run') this.node(effect.intent.node).cutOff(effect.intent);
    if (point !== 'before' && point !== 'during') this.#schedule(this.#outcomeOf(effect));
    if (point === null) return true;
    this.crash();
    return false;
  }

  #schedule(event: MachineEvent): void {
    this.#agenda.push({ dueMs: this.#monoMs + EFFECT_MS, event });
  }

  #outcomeOf(effect: Extract<MachineEffect, { kind: 'run' | 'ask' | 'writeDns' }>): MachineEvent {
    switch (effect.kind) {
      case 'run': {
        const outcome = this.node(effect.intent.node).act(effect.intent);
        this.lines.push(`  > ${effect.intent.kind} ${effect.intent.node}: ${outcome.kind}`);
        this.#checkHolders();
        return { kind: 'result', seq: effect.seq, outcome };
      }
      case 'writeDns':
        return dnsEvent(effect, this.#writeDns(effect));
      case 'ask':
        return { kind: 'answer', question: questionKey(effect.question), answer: this.#answer(effect) };
    }
  }

  /** I1: one holder at any instant. */
  #checkHolders(): void {
    const running = this.nodes.filter((node) => node.isRunning).map(({ id }) => id);
    // A conflict is there before oneup acts: what counts is that nothing is started beside it.
    if (this.state.op?.kind === 'conflict') return;
    if (running.length > 1 && this.state.rules.exclusive) this.violations.push(`I1: ${running.join(' and ')} run`);
  }

  #answer({ question }: Extract<MachineEffect, { kind: 'ask' }>): Extract<MachineEvent, { kind: 'answer' }>['answer'] {
    if (question.kind === 'propagation') {
      const { servers: laggards, drainMs } = this.late;
      const report = {
        name: 'web.',
        type: 'A',
        values: [],
        provider: null,
        servers: [],
        resolvers: [],
        laggards,
      } as const;
      return { kind: 'propagation', laggards, horizonMonoMs: this.#monoMs + drainMs, report };
    }
    if (question.kind === 'dnsAccess') return { kind: 'dnsAccess', ok: this.dns.mode === 'ok', reason: this.dns.mode };
    const node = this.node(question.node);
    if (question.kind === 'sweep') {
      const { crumbVersion } = question;
      const role = node.status();
      return { kind: 'sweep', node: node.id, crumbVersion, role, reason: role === null ? 'exit code 1' : 'asked' };
    }
    if (question.kind === 'fenceStatus') {
      const ok = !node.knobs.has('failToFence');
      const isOff = ok && !node.isPowered;
      const reason = ok ? `state ${isOff ? 'off' : 'on'}` : 'no answer';
      return { kind: 'fenceStatus', node: node.id, level: question.level, ok, isOff, reason };
    }
    if (question.kind === 'precheck') return { kind: 'precheck', node: node.id, ...node.precheck(), lag: node.lag };
    const idle = this.state.rules.warmStandby ? 'standby' : 'stopped';
    const role = node.look === 'gone' ? 'unknown' : node.isRunning ? 'active' : idle;
    return { kind: 'status', node: node.id, role, epoch: node.epoch, reason: 'asked' };
  }

  #writeDns({ intent, isSecond }: Extract<MachineEffect, { kind: 'writeDns' }>): DnsOutcome {
    const dns = isSecond === true ? this.second : this.dns;
    const isLost = dns.mode !== 'ok' && dns.mode !== 'writtenUnanswered';
    if (!isLost) {
      if (intent.epoch < dns.epoch || intent.seq <= dns.seq) this.violations.push(`DNS went back to seq ${intent.seq}`);
      if (intent.node !== null && dns.address !== intent.node) this.#checkVerified(intent.node);
      this.#checkAnswers(intent.answers);
      dns.writes.push(`${namedBy(intent)} ${intent.level}`);
      Object.assign(dns, { address: namedBy(intent), epoch: intent.epoch, seq: intent.seq });
    }
    const at = isSecond === true ? 'second dns' : 'dns';
    this.lines.push(
      `  > ${at} ${namedBy(intent)} ${intent.level} epoch ${intent.epoch} seq ${intent.seq}: ${dns.mode}`,
    );
    if (dns.mode === 'ok') return { kind: 'applied' };
    return DNS_FAILURES[dns.mode];
  }

  /** S28: a node of an active-active service was up since people last worked on it, and is not out by their word. */
  #checkAnswers(answers: DnsIntent['answers']): void {
    for (const { node } of answers ?? []) {
      if (!this.#wasUp.has(node)) this.violations.push(`S28: DNS names ${node}, which was never up`);
      const { members, nodeMaintenance } = this.state.service;
      if (members?.[node]?.drained != null || nodeMaintenance[node] !== undefined)
        this.violations.push(`S28: DNS names ${node}, which a person took out`);
    }
  }

  /** I3: a node that DNS newly names runs and answers, but for an early cutover and the way back from it. */
  #checkVerified(id: string): void {
    if (this.state.rules.cutover === 'early') return;
    if (this.node(id).look !== 'up') this.violations.push(`I3: DNS names ${id} while it is ${this.node(id).look}`);
  }
}

/** A crash loses everything that is not a record, so records that have changed go through text, as the store holds them. */
function throughStore(before: MachineState, after: MachineState): MachineState {
  const parts = Object.entries(after).map(([name, value]) => {
    const isSame = name === 'local' || value === before[name as keyof MachineState];
    return [name, isSame || value === null ? value : JSON.parse(JSON.stringify(value))] as const;
  });
  return Object.fromEntries(parts) as MachineState;
}
