// What goes wrong where the holder of a lease asks the probers for their word (S37): it is cut off from the store just when its
// grant changes hands, some of those whom it asks lose the store too, and nobody else reaches it.
import type { Draw } from '../draw.ts';
import { HARM_UNTIL_MS } from '../fault.ts';
import type { PeerFaultKind } from '../fault-kinds.ts';
import type { Act } from '../faults.ts';
import { bothWays, type Link } from '../sim-network.ts';
import type { SimWorld } from '../sim-world.ts';

const MOVE = { kind: 'switchover', from: null, to: null, waitsForTtl: false, reason: 'sim' } as const;
const AIMS = ['now', 'PRECHECK', 'STOP_OLD', 'STOP_OLD'] as const;

function cutFor(world: SimWorld, links: readonly Link[], ms: number): void {
  world.history.note(() => `  cut for ${ms} ms: ${links.map(([from, to]) => `${from}>${to}`).join(' ')}`);
  world.wire.timer(ms, world.network.cut(links));
}

/** Now, or when a move has come so far. */
function whenMoved(world: SimWorld, draw: Draw, act: (active: string) => void): void {
  const aim = draw.pick(AIMS);
  const begin = () => {
    const active = world.places.find(({ node }) => node.isAlive)?.node.id;
    if (active !== undefined) act(active);
  };
  if (aim === 'now') return begin();
  const afterMs = draw.between(0, 40);
  let isOver = false;
  world.history.records.onPhase((phase) => {
    if (phase !== aim || isOver || world.time.nowMs > HARM_UNTIL_MS) return;
    isOver = true;
    world.wire.timer(afterMs, begin);
  });
  world.command(MOVE);
}

/** Nobody hears the holder until all have lost the store for a moment, a while after the REVOKE, and then nobody does again. */
const claimOutage: Act = (world, draw, { forMs }) => {
  whenMoved(world, draw, (active) => {
    const all = world.members.map(({ id }) => id);
    cutFor(world, bothWays([active], ['store']), forMs + 2_000);
    const beginsMs = draw.between(600, 2_500);
    const lastsMs = draw.between(300, 1_500);
    cutFor(world, bothWays(all, [active]), beginsMs + 10);
    world.wire.timer(beginsMs, () => cutFor(world, bothWays(all, ['store']), lastsMs));
    world.wire.timer(beginsMs + lastsMs - 20, () => cutFor(world, bothWays(all, [active]), forMs));
  });
  return undefined;
};

/** The holder and most of the probers lose the store, and whoever leads keeps it. */
const claimSplit: Act = (world, draw, { forMs }) => {
  whenMoved(world, draw, (active) => {
    const leader = world.victim(draw).id;
    const others = world.members.map(({ id }) => id).filter((id) => id !== leader);
    cutFor(world, bothWays([active, ...others], ['store']), forMs + 2_000);
    cutFor(world, bothWays([active], [leader]), forMs + 2_000);
  });
  return undefined;
};

export const PEER_FAULTS = {
  'claim-outage': claimOutage,
  'claim-split': claimSplit,
} as const satisfies Record<PeerFaultKind, Act>;
