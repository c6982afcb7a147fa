// What a run left behind, as plain data: the journals of the store, what the scripts of the nodes wrote, how long each instance
// lived, what the fence device and the witness saw, and when the network had which faults. Times are those of the one boot clock.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HistoryEntry, JournalEntry } from '../../../src/failover/machine-effect.ts';
import type { Operation } from '../../../src/failover/operation.ts';
import { bootMs } from './boot-clock.ts';
import { CLUSTER, FENCE_ADDRESSES, mainAddress, NODES, type NodeName, PROBERS } from './hosts.ts';
import { EFFECTS_LOG, LIVES_LOG } from './node-scripts.ts';

export type StoredRecord = { readonly key: string; readonly value: string; readonly version: number };

/** Something done to a node, as the node or its fence device saw it. `step` 0 for the fence device. */
export type Effect = {
  readonly atMs: number;
  readonly action: string;
  readonly node: string;
  readonly generation: number;
  readonly epoch: number;
  readonly step: number;
  readonly opId: string;
  readonly prober: string;
};

export type Life = {
  readonly node: string;
  readonly epoch: number;
  readonly pid: number;
  readonly bornMs: number;
  /** When it was seen to be gone, or the end of the run. */
  readonly diedMs: number;
};

/** From `fromMs` on, in percent for each direction such as `main:p1>p2`. */
export type NetworkState = { readonly fromMs: number; readonly losses: ReadonlyMap<string, number> };

export type Take = { readonly atMs: number; readonly node: string; readonly epoch: number; readonly pid: number };

export type Records = {
  /** In the order in which the store took them. */
  readonly journal: readonly (JournalEntry & { readonly version: number })[];
  readonly operations: readonly HistoryEntry[];
  readonly unfinished: readonly Operation[];
  readonly effects: readonly Effect[];
  readonly lives: readonly Life[];
  readonly takes: readonly Take[];
  readonly network: readonly NetworkState[];
  /** Times at which no majority of the members of etcd ran. */
  readonly storeDown: readonly (readonly [fromMs: number, untilMs: number])[];
  readonly endMs: number;
};

export function readRecords(directory: string, stored: readonly StoredRecord[]): Records {
  const endMs = bootMs();
  const power = lines(join(directory, 'power.log'));
  const effects = [...NODES.flatMap((node) => readEffects(directory, node)), ...power.flatMap(fenceEffect)];
  const operations = inRoom(stored, 'history').map(({ value }) => JSON.parse(value) as HistoryEntry);
  const unfinished = [...inRoom(stored, 'op'), ...inRoom(stored, 'tail')];
  return {
    journal: readJournal(stored),
    operations,
    unfinished: unfinished.map(({ value }) => JSON.parse(value) as Operation),
    effects: effects.sort((one, other) => one.atMs - other.atMs),
    lives: readLives(lines(join(directory, LIVES_LOG)), power, endMs),
    takes: lines(join(directory, 'witness.log')).flatMap(readTake),
    network: lines(join(directory, 'network.log')).map(readState),
    storeDown: readOutages(lines(join(directory, 'outages.log')), endMs),
    endMs,
  };
}

function inRoom(stored: readonly StoredRecord[], room: string): readonly StoredRecord[] {
  return stored.filter(({ key }) => key.startsWith(`/oneup/${CLUSTER}/${room}/`));
}

function readJournal(stored: readonly StoredRecord[]): Records['journal'] {
  return inRoom(stored, 'journal')
    .map(({ value, version }) => ({ ...(JSON.parse(value) as JournalEntry), version }))
    .sort((one, other) => one.version - other.version || one.seq - other.seq);
}

/** `TIME begin ACTION GENERATION EPOCH STEP OPERATION ADDRESS`, written by the script itself; the address is that of the prober. */
function readEffects(directory: string, node: NodeName): readonly Effect[] {
  return lines(join(directory, `node-${node}`, EFFECTS_LOG)).flatMap((words) => {
    const [at, word, action = '', generation, epoch, step, opId = '', address = ''] = words;
    if (word !== 'begin') return [];
    const prober = PROBERS.find((name) => mainAddress(name) === address) ?? address;
    const position = { generation: Number(generation), epoch: Number(epoch), step: Number(step) };
    return [{ atMs: Number(at), action, node, ...position, opId, prober }];
  });
}

/** `TIME off NODE ASKER OPERATION`. */
function fenceEffect([at, word, node = '', asker = '', opId = '']: readonly string[]): readonly Effect[] {
  if (word !== 'off') return [];
  const prober = PROBERS.find((name) => asker.endsWith(FENCE_ADDRESSES[name] ?? '')) ?? asker;
  return [{ atMs: Number(at), action: 'fence', node, generation: 0, epoch: 0, step: 0, opId, prober }];
}

/** An instance is gone at the earliest time at which anybody saw it gone: its own scripts, or the fence device. */
function readLives(life: readonly Words[], power: readonly Words[], endMs: number): readonly Life[] {
  return life.flatMap(([at, word, node = '', epoch, pid]) => {
    if (word !== 'born') return [];
    const bornMs = Number(at);
    const own = life.filter((words) => words[1] === 'died' && words[2] === node && words[3] === pid);
    const fenced = power.filter((words) => words[1] === 'ended' && words[2] === node);
    const deaths = [...own, ...fenced].map((words) => Number(words[0])).filter((time) => time >= bornMs);
    return [{ node, epoch: Number(epoch), pid: Number(pid), bornMs, diedMs: Math.min(endMs, ...deaths) }];
  });
}

function readTake([at, word, node = '', epoch, pid]: Words): readonly Take[] {
  return word === 'take' ? [{ atMs: Number(at), node, epoch: Number(epoch), pid: Number(pid) }] : [];
}

function readState([at, ...losses]: Words): NetworkState {
  const pairs = losses.map((text) => {
    const parts = text.split(':');
    return [`${parts[0]}:${parts[1]}`, Number(parts[2])] as const;
  });
  return { fromMs: Number(at), losses: new Map(pairs) };
}

/** Lines are `TIME down` and `TIME up`. */
function readOutages(outages: readonly Words[], endMs: number): Records['storeDown'] {
  return outages.flatMap(([at, word], index) => {
    if (word !== 'down') return [];
    return [[Number(at), Number(outages[index + 1]?.[0] ?? endMs)] as const];
  });
}

type Words = readonly string[];

function lines(file: string): readonly Words[] {
  try {
    const text = readFileSync(file, 'utf8');
    return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim().split(' ')]));
  } catch {
    // Nobody has written it: nothing of the kind happened.
    return [];
  }
}
