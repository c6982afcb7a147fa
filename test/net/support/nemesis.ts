// What may go wrong in a soak: each fault begins, lasts for a while, and what it did to processes is undone; the network is healed
// after each round. Which faults, on whom and for how long is drawn from the seed.
import type { Draw } from '../../sim/draw.ts';
import { HOSTS, NODES, PROBERS } from './hosts.ts';
import type { NetWorld } from './net-world.ts';

/** Undoes what healing the network does not. */
export type Undo = () => unknown;
export type Fault = {
  readonly name: string;
  readonly begin: (world: NetWorld, draw: Draw) => Promise<Undo>;
};

const LOSS = { from: 5, to: 40 };
const DELAY_MS = { from: 20, to: 200 };

/** The one fault that a fence which does nothing cannot survive; every soak begins with it. */
export const ACTIVE_CUT_OFF: Fault = network('the active node is cut off', (world) => {
  for (const node of NODES) if (world.instancePid(node) !== null) world.network.isolate(node);
});

export const FAULTS: readonly [Fault, ...Fault[]] = [
  ACTIVE_CUT_OFF,
  network('a prober is cut off', (world, draw) => world.network.isolate(draw.pick(PROBERS))),
  network('a prober and a node are cut off together', (world, draw) => {
    const together = [draw.pick(PROBERS), draw.pick(NODES)] as const;
    world.network.cut(
      together,
      HOSTS.filter((host) => !together.some((one) => one === host)),
    );
  }),
  network('the probers are cut off from each other', (world) => world.network.cut(PROBERS, PROBERS)),
  network('a prober hears nobody', (world, draw) => {
    world.network.cut(HOSTS, [draw.pick(PROBERS)], { isOneWay: true });
  }),
  network('nobody hears a prober', (world, draw) => {
    world.network.cut([draw.pick(PROBERS)], HOSTS, { isOneWay: true });
  }),
  network('one prober does not see one node', (world, draw) => {
    world.network.cut([draw.pick(PROBERS)], [draw.pick(NODES)]);
  }),
  network('the fence device is cut off', (world) => world.network.cut(PROBERS, ['power'], { link: 'fence' })),
  network('everything is slow and lossy', (world, draw) => {
    world.network.delay(draw.between(DELAY_MS.from, DELAY_MS.to));
    world.network.lose(draw.between(LOSS.from, LOSS.to), HOSTS, HOSTS, { isOneWay: true });
  }),
  network('the service dies', (world) => world.killActive()),
  { name: 'a prober stands still', begin: (world, draw) => standStill(world, draw.pick(PROBERS)) },
  {
    name: 'a member of etcd stands still',
    begin: (world, draw) => standStill(world, `etcd-${draw.pick(PROBERS)}`),
  },
  {
    name: 'a prober is killed',
    begin: async (world, draw) => {
      const prober = draw.pick(PROBERS);
      await world.kill(prober);
      // Another fault of the same round may have taken the same one.
      return () => world.isRunning(prober) || world.startProber(prober);
    },
  },
  {
    name: 'a member of etcd is killed',
    begin: async (world, draw) => {
      const prober = draw.pick(PROBERS);
      await world.kill(`etcd-${prober}`);
      return () => world.isRunning(`etcd-${prober}`) || world.startEtcd(prober);
    },
  },
];

function network(name: string, begin: (world: NetWorld, draw: Draw) => void): Fault {
  return {
    name,
    begin: async (world, draw) => {
      begin(world, draw);
      return () => undefined;
    },
  };
}

/** A program that another fault has killed meanwhile stands still enough. */
async function standStill(world: NetWorld, name: string): Promise<Undo> {
  if (!world.isRunning(name)) return () => undefined;
  world.signal(name, 'SIGSTOP');
  return () => {
    if (world.isRunning(name)) world.signal(name, 'SIGCONT');
  };
}
