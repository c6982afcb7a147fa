// Runs the machine for one service: takes events one at a time, commits what the machine decided, then does its effects.
// It has no opinion on health; what it knows is order: INTENT before effect, RESULT after (S8, S10).

import type { ServiceId } from '../base/ids.ts';
import type { MachineEffect } from '../failover/machine-effect.ts';
import type { MachineEvent } from '../failover/machine-event.ts';
import type { ServiceRules } from '../failover/service-rules.ts';
import type { MachineState } from '../failover/service-state.ts';
import { type StepResult, step } from '../failover/step.ts';
import type { View } from '../failover/view.ts';
import type { CommitResult, Guard, StoreWrite } from '../ports/store.ts';
import type { ControllerDeps, Tenure } from './controller-deps.ts';
import { allKeys, decodeMachine, encodeMachine, type RecordKeys, recordKeys } from './machine-records.ts';
import { dropOldReplies } from './read-requests.ts';
import { termGuards } from './term-guards.ts';

export type ServiceControllerOptions = {
  readonly deps: ControllerDeps;
  readonly tenure: Tenure;
  readonly rules: ServiceRules;
  /** Does an effect and reports what came of it as an event. */
  readonly perform: (effect: MachineEffect, state: MachineState) => void;
  /** Guards on the observations that a START INTENT relies on (S19). */
  readonly observationGuards: (state: MachineState) => readonly Guard[];
  /** Told of every state, so that what concerns many services is counted as they change. */
  readonly onState?: (state: MachineState) => void;
  /** What the quorum sees now; after a conflict the decision is made anew from it. */
  readonly look: () => View;
};

/** Events waiting for a service; ticks and looks are never queued twice, so only results and requests can pile up. */
const QUEUE_MAX = 1_000;
/** Conflicts in a row after which the same event is given up; each one is followed by a fresh read. */
const CONFLICTS_MAX = 20;
const RETRY_MS = 100;

type CommitOutcome = 'committed' | 'conflict' | 'answered' | 'failed';

export class ServiceController {
  readonly #options: ServiceControllerOptions;
  readonly #keys: RecordKeys;
  readonly #queue: MachineEvent[] = [];
  #versions = new Map<string, number | null>();
  #state: MachineState | null = null;
  #isDraining = false;
  /** A commit of unknown outcome was not found by its token and may still land (S8). */
  #isUnsettled = false;

  constructor(options: ServiceControllerOptions) {
    this.#options = options;
    this.#keys = recordKeys(options.deps.keys, options.rules);
  }

  get service(): ServiceId {
    return this.#options.rules.id;
  }

  get state(): MachineState | null {
    return this.#state;
  }

  /** Nothing is being decided or waited for. */
  get isIdle(): boolean {
    return !this.#isDraining && this.#queue.length === 0;
  }

  /** Reads the records; throws when they cannot be read. Must be called before the first event. */
  async load(): Promise<void> {
    const { deps, rules } = this.#options;
    const entries = await Promise.all(allKeys(this.#keys).map((key) => deps.store.get(key)));
    const found = new Map(entries.filter((entry) => entry !== null).map((entry) => [entry.key, entry]));
    this.#versions = new Map(allKeys(this.#keys).map((key) => [key, found.get(key)?.version ?? null]));
    const local = this.#state?.local;
    const state = decodeMachine(this.#keys, rules, found);
    this.#become(local === undefined ? state : { ...state, local });
  }

  #become(state: MachineState): void {
    this.#state = state;
    this.#options.onState?.(state);
  }

  enqueue(event: MachineEvent): void {
    if (event.kind === 'tick' || event.kind === 'seen') {
      const waiting = this.#queue.findIndex((other) => other.kind === event.kind);
      if (waiting >= 0) this.#queue.splice(waiting, 1);
    }
    if (this.#queue.length >= QUEUE_MAX) {
      this.#options.tenure.resign(`more than ${QUEUE_MAX} events wait for service ${this.service}`);
      return;
    }
    this.#queue.push(event);
    if (!this.#isDraining) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#isDraining = true;
    const { tenure, deps } = this.#options;
    try {
      for (let event = this.#queue.shift(); event !== undefined; event = this.#queue.shift()) {
        if (tenure.signal.aborted) return;
        await this.#handle(event);
      }
    } catch (error) {
      if (tenure.signal.aborted) return;
      deps.logger.error({ err: error, service: this.service }, 'the machine cannot go on; resigning');
      tenure.resign(error instanceof Error ? error.message : String(error));
    } finally {
      this.#isDraining = false;
    }
  }

  /** Decides and commits until it is committed, the right to act ends, or the event loses its meaning. */
  async #handle(event: MachineEvent): Promise<void> {
    const { deps, tenure } = this.#options;
    for (let conflicts = 0; conflicts < CONFLICTS_MAX && !tenure.signal.aborted; ) {
      const state = this.#state;
      if (state === null) throw new TypeError(`Cannot handle ${event.kind}: service ${this.service} is not loaded`);
      const now = { monoMs: deps.clock.monotonicMs(), wallMs: deps.clock.wallMs() };
      const decided = step(state, event, now);
      const outcome = await this.#commit(state, decided, event);
      if (outcome === 'committed') {
        this.#become(decided.state);
        this.#do(decided);
        return;
      }
      if (outcome === 'answered') return;
      if (outcome === 'conflict') {
        conflicts += 1;
        event = await this.#lookAgain(event);
      } else await deps.clock.sleep(RETRY_MS, { signal: tenure.signal }).catch(() => undefined);
    }
    if (!tenure.signal.aborted) tenure.resign(`records of ${this.service} change faster than they can be written`);
  }

  /**
   * After a conflict records and observations are read anew, or the same stale decision would be made again. If a commit
   * that was taken for lost has landed after all, its effects were never done: they are taken over as from another term.
   */
  async #lookAgain(event: MachineEvent): Promise<MachineEvent> {
    const { tenure, look } = this.#options;
    await this.load();
    const view = look();
    if (this.#state !== null) this.#become({ ...this.#state, local: { ...this.#state.local, view } });
    if (this.#isUnsettled) {
      this.#isUnsettled = false;
      this.#queue.unshift(event);
      return { kind: 'takeover', term: tenure.term, view };
    }
    return event.kind === 'seen' || event.kind === 'takeover' ? { ...event, view } : event;
  }

  async #commit(before: MachineState, decided: StepResult, event: MachineEvent): Promise<CommitOutcome> {
    const { deps, tenure } = this.#options;
    const writes = this.#writes(before, decided);
    if (writes.length === 0) return 'committed';
    const token = deps.uniqueId();
    try {
      const guards = [...this.#guards(before, decided), ...this.#requestGuard(event)];
      const result = await deps.store.commit({ guards, writes, token });
      return await this.#settle(result, writes, token);
    } catch (error) {
      deps.logger.warn({ err: error, service: this.service, term: tenure.term }, 'the commit failed; trying again');
      return 'failed';
    }
  }

  async #settle(result: CommitResult, writes: readonly StoreWrite[], token: string): Promise<CommitOutcome> {
    const { deps, tenure } = this.#options;
    switch (result.kind) {
      case 'committed':
        this.#isUnsettled = false;
        this.#adopt(writes, result.revision);
        return 'committed';
      case 'conflict':
        if (result.guard.kind === 'sessionAlive' || result.guard.key === deps.keys.term) {
          tenure.resign(`the term has ended: ${JSON.stringify(result.guard)}`);
        }
        // Somebody, perhaps this controller a moment ago, has answered the request already.
        if (result.guard.kind === 'version' && result.guard.key.startsWith(deps.keys.requests)) return 'answered';
        return 'conflict';
      case 'unknown':
        // S6, S8: settled by the token; an absent one settles nothing, so the same guarded commit is tried again.
        this.#isUnsettled = true;
        if ((await deps.store.outcomeOf(token)) === 'absent') return 'failed';
        await this.#adoptFromStore(writes);
        this.#isUnsettled = false;
        return 'committed';
    }
  }

  #adopt(writes: readonly StoreWrite[], revision: number): void {
    for (const write of writes) {
      if (this.#versions.has(write.key)) this.#versions.set(write.key, write.kind === 'put' ? revision : null);
    }
  }

  async #adoptFromStore(writes: readonly StoreWrite[]): Promise<void> {
    for (const { key } of writes) {
      if (this.#versions.has(key)) this.#versions.set(key, (await this.#options.deps.store.get(key))?.version ?? null);
    }
  }

  #requestGuard(event: MachineEvent): readonly Guard[] {
    if (event.kind !== 'request') return [];
    return [{ kind: 'version', key: this.#options.deps.keys.request(this.service, event.id), version: event.version }];
  }

  /** S8: the term, the live session, and the version of every record this decision was made from. */
  #guards(before: MachineState, decided: StepResult): readonly Guard[] {
    const { deps, tenure, observationGuards } = this.#options;
    const starts =
      decided.state.service.epoch > before.service.epoch ||
      decided.effects.some(
        (effect) => effect.kind === 'run' && (effect.intent.kind === 'start' || effect.intent.kind === 'adopt'),
      );
    return [
      ...termGuards(deps.keys, tenure),
      // S7: a decision made under one configuration is not committed under another.
      ...configGuard(deps),
      ...[...this.#versions].map(([key, version]): Guard => {
        return version === null ? { kind: 'absent', key } : { kind: 'version', key, version };
      }),
      ...(starts ? observationGuards(decided.state) : []),
    ];
  }

  #writes(before: MachineState, decided: StepResult): readonly StoreWrite[] {
    const { keys } = this.#options.deps;
    // Most events change nothing but what the controller has in mind, and a tick comes twenty times a second.
    if (hasSameRecords(before, decided.state)) return this.#replies(decided.effects);
    const old = encodeMachine(this.#keys, before);
    const next = encodeMachine(this.#keys, decided.state);
    const writes: StoreWrite[] = [];
    for (const [key, value] of next) {
      if (old.get(key) !== value) writes.push({ kind: 'put', key, value });
    }
    for (const key of old.keys()) {
      if (!next.has(key)) writes.push({ kind: 'delete', key });
    }
    for (const entry of decided.journal) {
      const key = keys.journalEntry(this.service, entry.opId, entry.seq);
      writes.push({ kind: 'put', key, value: JSON.stringify(entry) });
    }
    for (const entry of decided.history) {
      writes.push({ kind: 'put', key: keys.history(this.service, entry.op.opId), value: JSON.stringify(entry) });
    }
    return [...writes, ...this.#replies(decided.effects)];
  }

  /** A request is answered in the commit that acts on it, so it is done once (S10). The reply outlives this controller. */
  #replies(effects: readonly MachineEffect[]): readonly StoreWrite[] {
    const { deps } = this.#options;
    const replies = effects.flatMap((effect): readonly StoreWrite[] => {
      if (effect.kind !== 'reply') return [];
      const value = JSON.stringify(effect.reply);
      return [
        { kind: 'delete', key: deps.keys.request(this.service, effect.requestId) },
        { kind: 'put', key: deps.keys.reply(effect.requestId), value },
      ];
    });
    return replies.length === 0 ? [] : [...replies, ...dropOldReplies(deps)];
  }

  #do(decided: StepResult): void {
    this.#log(decided);
    for (const effect of decided.effects) this.#options.perform(effect, decided.state);
  }

  #log(decided: StepResult): void {
    const { deps } = this.#options;
    for (const entry of decided.journal) {
      const { opId, kind, phase, text, rules, evidence } = entry;
      deps.logger.info({ service: this.service, opId, kind, phase, rules, evidence }, text);
    }
  }
}

function hasSameRecords(before: MachineState, after: MachineState): boolean {
  return (
    before.service === after.service &&
    before.breadcrumbs === after.breadcrumbs &&
    before.grant === after.grant &&
    before.op === after.op &&
    before.tail === after.tail
  );
}

function configGuard({ keys, configVersion }: ControllerDeps): readonly Guard[] {
  const key = keys.config;
  return configVersion === null ? [{ kind: 'absent', key }] : [{ kind: 'version', key, version: configVersion }];
}
