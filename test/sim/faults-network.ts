// What goes wrong between machines, and with the store and the DNS provider that they share.
import { ownershipName } from '../../src/plan/ownership.ts';
import type { Draw } from './draw.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { Act } from './faults.ts';
import { NAME, ZONE } from './sim-config.ts';
import { bothWays, type Link } from './sim-network.ts';
import { STRANGER } from './sim-provider.ts';
import type { SimWorld } from './sim-world.ts';

const COMMIT_FAULT_RATE = 0.3;
const DNS_FAULT_RATE = 0.6;
const DUPLICATE_RATE = 0.4;
const RESTART_MS = 1_500;
/** By then every prober has marked what it saw after the backup. */
const RESTORE_AFTER_MS = 2_500;
/** Marks are raised once a second: what was written since is in nobody's. */
const RESTORE_QUIET_MS = 1_500;

function cut(world: SimWorld, links: readonly Link[]): () => void {
  world.history.note(() => `  cut ${links.map(([from, to]) => `${from}>${to}`).join(' ')}`);
  return world.network.cut(links);
}

/** Half of all members at most, the controller mostly among them. */
function minority(world: SimWorld, draw: Draw): readonly string[] {
  const count = draw.between(1, Math.floor((world.members.length - 1) / 2));
  const first = draw.chance(0.7) ? world.victim(draw).id : null;
  const others = world.members.map(({ id }) => id).filter((id) => id !== first);
  const shuffled = others.sort(() => draw.next() - 0.5);
  return (first === null ? shuffled : [first, ...shuffled]).slice(0, count);
}

/** Two halves of everything that do not hear each other; the store and the provider are each in one of them. */
const partition: Act = (world, draw) => {
  const all = [
    ...world.members.map(({ id }) => id),
    ...world.places.map(({ node }) => node.id),
    'store',
    ...world.providers,
  ];
  const some = all.filter(() => draw.chance(0.5));
  return cut(
    world,
    bothWays(
      some,
      all.filter((name) => !some.includes(name)),
    ),
  );
};

const minorityCut: Act = (world, draw) => {
  const some = minority(world, draw);
  const others = world.members.map(({ id }) => id).filter((id) => !some.includes(id));
  const nodes = world.places.map(({ node }) => node.id);
  return cut(world, bothWays(some, [...others, ...nodes, 'store', ...world.providers]));
};

const cutFromStore =
  (links: (id: string) => readonly Link[]): Act =>
  (world, draw) =>
    cut(world, minority(world, draw).flatMap(links));

/** From everybody; where there are two providers, mostly one of them. */
const dnsCut: Act = (world, draw) => {
  const members = world.members.map(({ id }) => id);
  const all = world.providers;
  const some = all.length === 1 || draw.chance(0.2) ? all : [draw.pick(['dns', 'dns2'])];
  return cut(world, bothWays(members, some));
};

const nodeCut: Act = (world, draw) => {
  const members = world.members.map(({ id }) => id).filter(() => draw.chance(0.6));
  const [active] = world.places.filter(({ node }) => node.isAlive);
  const node = (active ?? world.places[0])?.node.id ?? '';
  const links = bothWays(members, [node]);
  return cut(world, draw.chance(0.3) ? links.filter(([from]) => from === node) : links);
};

const storeOutage: Act = (world) => {
  world.engine.isDown = true;
  return () => {
    world.engine.isDown = false;
  };
};

/** Another server of the store takes over: away for a moment, and what is under way has an unknown end. */
const storeRestart: Act = (world) => {
  const { engine, rates, wire } = world;
  engine.isDown = true;
  rates.commitFault = COMMIT_FAULT_RATE;
  wire.timer(RESTART_MS / 2, () => {
    engine.isDown = false;
  });
  wire.timer(RESTART_MS, () => {
    rates.commitFault = 0;
  });
  return undefined;
};

/** A backup of some seconds ago takes the place of the store (S4). */
const storeRestore: Act = (world, _draw, { forMs }) => {
  const { engine, wire, history, time } = world;
  engine.endBackup();
  // Something is done after the backup, so that there is something to forget, and something dies after the restore.
  world.command({ kind: 'switchover', from: null, to: null, waitsForTtl: false, reason: 'sim' });
  const restore = () => {
    if (time.nowMs - history.records.lastWriteMs < RESTORE_QUIET_MS)
      return void wire.timer(RESTORE_QUIET_MS / 5, restore);
    history.note(() => 'RESTORE of an older state of the store');
    engine.restore();
    world.restoredAtMs = time.nowMs;
    wire.timer(RESTORE_QUIET_MS, () => {
      for (const { node } of world.places) node.release();
    });
  };
  wire.timer(Math.max(RESTORE_AFTER_MS, forMs / 2), restore);
  return undefined;
};

const commitFate: Act = (world) => {
  world.rates.commitFault = COMMIT_FAULT_RATE;
  return () => {
    world.rates.commitFault = 0;
  };
};

const duplicates: Act = (world) => {
  world.rates.duplicate = DUPLICATE_RATE;
  const all = [world.dns, ...(world.second === null ? [] : [world.second])];
  for (const { rates } of all) rates.duplicate = DUPLICATE_RATE;
  return () => {
    world.rates.duplicate = 0;
    for (const { rates } of all) rates.duplicate = 0;
  };
};

function dnsRate(name: 'fault' | 'slow' | 'stale'): Act {
  return (world, draw) => {
    const dns = world.drawDns(draw);
    dns.rates[name] = DNS_FAULT_RATE;
    return () => {
      dns.rates[name] = 0;
    };
  };
}

/** Somebody else edits our record: another TTL, an address of nobody, or our ownership is gone. All is undone at the end. */
const dnsDrift: Act = (world, draw) => {
  const { history } = world;
  const dns = world.drawDns(draw);
  const what = draw.pick(['ttl', 'stranger', 'ownership'] as const);
  const key = what === 'ownership' ? { name: ownershipName(NAME), type: 'TXT' } : { name: NAME, type: 'A' };
  const before = dns.find(key.name, key.type);
  if (before === null) return undefined;
  history.note(() => `  drift of ${what}`);
  const drifted = {
    ttl: { ...before, ttlSeconds: 77 },
    stranger: { ...before, values: [...before.values, STRANGER] },
    ownership: null,
  }[what];
  dns.zones.edit(ZONE, before, drifted);
  return () => {
    const now = dns.find(key.name, key.type);
    if (what === 'ownership' && now === null) dns.zones.edit(ZONE, before, before);
    if (what !== 'stranger' || now === null) return;
    dns.zones.edit(ZONE, now, { ...now, values: now.values.filter((value) => value !== STRANGER) });
  };
};

export const NETWORK_FAULTS = {
  partition,
  'minority-cut': minorityCut,
  'one-way-to-store': cutFromStore((id) => [[id, 'store']]),
  'one-way-from-store': cutFromStore((id) => [['store', id]]),
  'store-cut': cutFromStore((id) => bothWays([id], ['store'])),
  'dns-cut': dnsCut,
  'node-cut': nodeCut,
  duplicates,
  'commit-fate': commitFate,
  'store-outage': storeOutage,
  'store-restart': storeRestart,
  'store-restore': storeRestore,
  'dns-errors': dnsRate('fault'),
  'dns-slow': dnsRate('slow'),
  'dns-stale': dnsRate('stale'),
  'dns-drift': dnsDrift,
} as const satisfies Partial<Record<FaultKind, Act>>;
