// The invariants of docs/safety.md on what a run left behind. Overlaps are judged by the lives of real processes, effects by what
// nodes and fence device saw, proofs by the journals; nothing is taken from what a prober believes of itself.

import { NODES } from './hosts.ts';
import { minorityTimes } from './minority-times.ts';
import { TIMING } from './net-config.ts';
import type { Effect, Life, Records } from './read-records.ts';

export type Violation = { readonly invariant: string; readonly text: string };

export type Verdict = {
  readonly operations: number;
  readonly starts: Readonly<Record<string, number>>;
  readonly overlaps: number;
  readonly effectsByMinority: number;
  readonly violations: readonly Violation[];
};

export type CheckOptions = {
  /** false while operations may still be under way [true]. */
  readonly isAtRest?: boolean;
  /** false where a test stepped the wall clock of a prober: cooldowns cannot be told from the journal then. */
  readonly areWallClocksTrue?: boolean;
};

export function checkHistory(
  records: Records,
  { areWallClocksTrue = true, isAtRest = true }: CheckOptions = {},
): Verdict {
  const overlaps = findOverlaps(records.lives);
  const byMinority = effectsByMinority(records);
  const starts = records.effects.filter(({ action }) => action === 'start');
  return {
    operations: records.operations.length + records.unfinished.length,
    starts: Object.fromEntries(NODES.map((name) => [name, starts.filter(({ node }) => node === name).length])),
    overlaps: overlaps.length,
    effectsByMinority: byMinority.length,
    violations: [
      ...overlaps,
      ...byMinority,
      ...checkProofs(records),
      ...checkOrder(records),
      ...checkEffects(records),
      ...checkTakes(records),
      ...(areWallClocksTrue ? checkCooldown(records) : []),
      ...(isAtRest ? records.unfinished : []).map((op) =>
        violation('I15', `${op.kind} ${op.opId} is still in ${op.phase}`),
      ),
    ],
  };
}

/** I1: two instances lived at the same time, on whatever node. */
function findOverlaps(lives: readonly Life[]): readonly Violation[] {
  return lives.flatMap((one, index) =>
    lives.slice(index + 1).flatMap((other) => {
      const togetherMs = Math.min(one.diedMs, other.diedMs) - Math.max(one.bornMs, other.bornMs);
      if (togetherMs <= 0) return [];
      const names = `${one.node} (epoch ${one.epoch}) and ${other.node} (epoch ${other.epoch})`;
      return [violation('I1', `${names} were active together for ${togetherMs} ms`)];
    }),
  );
}

/** I8 and I9: nobody acts who has been without a majority of the store for longer than its right lasts. */
function effectsByMinority(records: Records): readonly Violation[] {
  const times = minorityTimes(records);
  return records.effects.flatMap((effect) => {
    const found = times.find(
      ({ prober, fromMs, untilMs }) => prober === effect.prober && effect.atMs > fromMs && effect.atMs < untilMs,
    );
    if (found === undefined) return [];
    const sinceMs = effect.atMs - found.fromMs;
    return [violation(found.isOutage ? 'I9' : 'I8', `${nameOf(effect)} ${sinceMs} ms after its right had ended`)];
  });
}

/** I2: before a START INTENT every other node was proven down, and nothing was granted to it since. */
function checkProofs({ journal }: Records): readonly Violation[] {
  const down = new Set<string>();
  const found: Violation[] = [];
  for (const { kind, text, evidence, opId } of journal) {
    const node = String(evidence.node);
    if (kind === 'NOTE' && /^Node \S+ is proven down: /.test(text)) down.add(node);
    // A person's word is a proof too (S17).
    const [, confirmed] = kind === 'NOTE' ? (/ confirms that (\S+) is down: /.exec(text) ?? []) : [];
    if (confirmed !== undefined) down.add(confirmed);
    if (kind === 'NOTE' && / is granted to /.test(text)) down.delete(node);
    if (kind !== 'INTENT' || (evidence.kind !== 'start' && evidence.kind !== 'adopt')) continue;
    for (const other of NODES) {
      if (other !== node && !down.has(other))
        found.push(violation('I2', `${opId} intends to start ${node}, and ${other} is not proven down`));
    }
  }
  return found;
}

/** I4: steps of INTENTs, epochs of grants and terms only rise, and on each node's disk the position does. */
function checkOrder({ journal, effects }: Records): readonly Violation[] {
  const found: Violation[] = [];
  const rising = (name: string, isStrict: boolean) => {
    let before = -1;
    return (value: number) => {
      if (value < before || (isStrict && value === before))
        found.push(violation('I4', `${name} ${value} comes after ${before}`));
      before = Math.max(before, value);
    };
  };
  const [step, epoch, term] = [rising('step', true), rising('epoch', true), rising('term', false)];
  for (const { kind, text, evidence, term: own } of journal) {
    term(own);
    if (kind === 'INTENT' && typeof evidence.step === 'number') step(evidence.step);
    if (kind === 'NOTE' && / is granted to /.test(text)) epoch(Number(evidence.epoch));
  }
  for (const node of NODES) {
    const position = rising(`position (generation, epoch, step) on ${node}`, true);
    for (const effect of effects) {
      if (effect.node !== node || effect.action === 'fence') continue;
      position(effect.generation * 1e12 + effect.epoch * 1e6 + effect.step);
    }
  }
  return found;
}

/** I5: a step is done once. I6: it was intended before, and has one result. I7: nothing starts while another instance lives. */
function checkEffects({ journal, effects, lives }: Records): readonly Violation[] {
  const found: Violation[] = [];
  const intents = journal.filter(({ kind }) => kind === 'INTENT').map(({ evidence }) => evidence);
  const results = journal.filter(({ kind, rules }) => kind === 'RESULT' && rules.includes('S12'));
  const steps = results.map(({ evidence }) => evidence.step);
  for (const [index, step] of steps.entries()) {
    if (steps.indexOf(step) !== index) found.push(violation('I6', `step ${step} has two results`));
    if (!intents.some((intent) => intent.step === step)) found.push(violation('I6', `step ${step} was never intended`));
  }
  for (const { text, evidence } of results) {
    if (/^(?:start|stop) of \S+ done/.test(text) && !effects.some(({ step }) => step === evidence.step))
      found.push(violation('I6', `step ${evidence.step} is told as done, and no node has done it`));
  }
  const done = new Set<string>();
  for (const effect of effects) {
    const { action, node, generation, step, atMs } = effect;
    const isFence = action === 'fence';
    const isIntended = intents.some(
      (intent) => intent.kind === action && intent.node === node && (isFence || intent.step === step),
    );
    if (!isIntended) found.push(violation('I6', `${nameOf(effect)} without an INTENT`));
    if (isFence) continue;
    const name = `${node} ${generation} ${step}`;
    if (done.has(name)) found.push(violation('I5', `${nameOf(effect)} for the second time`));
    done.add(name);
    const other = lives.find((life) => life.node !== node && life.bornMs < atMs && life.diedMs > atMs);
    if (action === 'start' && other !== undefined)
      found.push(violation('I7', `${nameOf(effect)} while ${other.node} (epoch ${other.epoch}) is active`));
  }
  return found;
}

/** The witness never sees a living instance of a lower epoch after one of a higher. */
function checkTakes({ takes, lives }: Records): readonly Violation[] {
  return takes.flatMap((take, index) => {
    const highest = Math.max(0, ...takes.slice(0, index).map(({ epoch }) => epoch));
    const life = lives.find(({ pid, node }) => pid === take.pid && node === take.node);
    if (life === undefined)
      return [violation('I1', `the witness saw ${take.node} (${take.pid}), which nobody started`)];
    if (take.epoch >= highest || take.atMs > life.diedMs) return [];
    return [violation('I4', `the witness saw ${take.node} in epoch ${take.epoch} after epoch ${highest}`)];
  });
}

/** I11: automatic operations keep their distance, from first effect to first effect (S36). */
function checkCooldown({ journal, operations }: Records): readonly Violation[] {
  const automatic = operations.filter(({ op }) => op.kind === 'automatic' || op.kind === 'coldStart');
  const times = automatic.flatMap(({ op }) => {
    const first = journal.find(({ opId, kind }) => opId === op.opId && kind === 'INTENT');
    return first === undefined ? [] : [first.wallMs];
  });
  const ordered = times.sort((one, other) => one - other);
  return ordered.flatMap((time, index) => {
    const before = ordered[index - 1];
    if (before === undefined || time - before >= TIMING.cooldownMs) return [];
    return [violation('I11', `an automatic operation ${time - before} ms after the one before`)];
  });
}

function nameOf({ action, node, step, opId, prober }: Effect): string {
  return `${action} of ${node} (step ${step}, ${opId}) by ${prober}`;
}

function violation(invariant: string, text: string): Violation {
  return { invariant, text };
}
