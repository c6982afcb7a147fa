// The words of a story and what each does to its world. docs of the words: the table below; everything else is refused.
import type { MachineCommand } from '../../src/failover/machine-command.ts';
import type { ServiceRules } from '../../src/failover/service-rules.ts';
import { nodeRules, serviceRules } from '../unit/failover/machine-fixture.ts';
import type { Knob } from './story-node.ts';
import { type CrashPoint, type DnsMode, StoryWorld } from './story-world.ts';

type Word = (world: StoryWorld, args: readonly string[]) => void;

const WORDS: Readonly<Record<string, Word>> = {
  /** Makes a node active and forgets how it got there. */
  given: (world, [node = '']) => {
    world.command(switchover(node));
    world.settle();
    world.lines.length = 0;
    for (const { counts } of world.nodes) Object.assign(counts, { starts: 0, stops: 0, fences: 0 });
  },
  switchover: (world, [to = '', from = '']) => world.command({ ...switchover(to), from: from === '' ? null : from }),
  failback: (world) => world.command({ kind: 'failback', reason: 'story' }),
  adopt: (world, [node = '']) => world.command({ kind: 'adopt', node, reason: 'story' }),
  rejoin: (world, [node = '']) => world.command({ kind: 'rejoin', node, reason: 'story' }),
  'confirm-down': (world, [node = '']) => {
    const version = world.state.breadcrumbs[node]?.version ?? 0;
    world.command({ kind: 'confirmDown', node, reason: 'story', version });
  },
  maintenance: (world, [on, node = '']) => {
    const target = node === '' ? null : node;
    const command = { kind: 'maintenance', node: target, reason: 'story', expiresAfterMs: 3_600_000 } as const;
    world.command({ ...command, on: on === 'on' });
  },
  settle: (world) => world.settle(),
  wait: (world, [seconds = '']) => world.wait(Number(seconds) * 1_000),
  knob: (world, [node = '', ...knobs]) => {
    for (const knob of knobs) world.node(node).knobs.add(knob as Knob);
  },
  heal: (world, [node = '']) => {
    world.node(node).knobs.clear();
    world.node(node).isPowered = true;
  },
  /** The process ends, or begins, behind our back. */
  die: (world, [node = '']) => {
    world.node(node).isRunning = false;
  },
  appear: (world, [node = '']) => {
    world.node(node).isRunning = true;
  },
  'power-off': (world, [node = '']) => Object.assign(world.node(node), { isRunning: false, isPowered: false }),
  dns: (world, [mode = '']) => {
    world.dns.mode = mode as DnsMode;
  },
  crash: (world) => world.crash(),
  /** The controller dies at the next effect but n. */
  'crash-at': (world, [n = '', point = '']) => {
    world.crashAt = { effect: world.effectCount + Number(n), point: point as CrashPoint };
  },
};

export function tell(world: StoryWorld, line: string): void {
  const [word = '', ...args] = line.split(/\s+/);
  const act = WORDS[word];
  if (act === undefined) throw new RangeError(`Cannot tell the story: no such word, value was ${line}`);
  act(world, args);
}

/** `world a b automatic=false b.priority=0 a.fence=2`: nodes, then what differs from the usual. */
export function worldOf(line: string): StoryWorld {
  const [, ...args] = line.split(/\s+/);
  const options = new Map(args.filter((arg) => arg.includes('=')).map((arg) => arg.split('=') as [string, string]));
  const nodes = args
    .filter((arg) => !arg.includes('='))
    .map((id) => {
      const usual = nodeRules(id);
      return nodeRules(id, {
        priority: Number(options.get(`${id}.priority`) ?? usual.priority),
        fenceLevels: Number(options.get(`${id}.fence`) ?? usual.fenceLevels),
        actions: { ...usual.actions, precheck: 5_000, status: 5_000, resync: 5_000 },
      });
    });
  return new StoryWorld(storyRules(nodes, options.get('automatic') !== 'false'));
}

function storyRules(nodes: ServiceRules['nodes'], automatic: boolean): ServiceRules {
  return serviceRules({ nodes, automatic, cooldownMs: 20_000, stableForMs: 10_000 });
}

function switchover(to: string): Extract<MachineCommand, { kind: 'switchover' }> {
  return { kind: 'switchover', from: null, to: to === '' || to === '-' ? null : to, reason: 'story' };
}
