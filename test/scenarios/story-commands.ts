// The words of a story and what each does to its world. docs of the words: the table below; everything else is refused.
import type { MachineCommand } from '../../src/failover/machine-command.ts';
import type { RuleId } from '../../src/failover/refusal.ts';
import type { NodeRules, ServiceRules } from '../../src/failover/service-rules.ts';
import { nodeRules, serviceRules } from '../unit/failover/machine-fixture.ts';
import type { DnsMode } from './story-dns.ts';
import type { Knob, StoryNode } from './story-node.ts';
import { type CrashPoint, StoryWorld } from './story-world.ts';

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
  /** `failover b S32.precheck-failed`: forced, setting rules aside by name. */
  failover: (world, [to = '', ...overrides]) =>
    world.command({ kind: 'failover', to, overrides: overrides as RuleId[], reason: 'story' }),
  /** In so many seconds. */
  schedule: (world, [seconds = '', to = '']) =>
    world.command({
      kind: 'schedule',
      from: null,
      to: to === '' ? null : to,
      atWallMs: world.wallMs + Number(seconds) * 1_000,
      reason: 'story',
    }),
  unschedule: (world) => world.command({ kind: 'unschedule', reason: 'story' }),
  drill: (world, [holdSeconds = '0', to = '']) => {
    const holdMs = Number(holdSeconds) * 1_000;
    world.command({ kind: 'drill', live: true, to: to === '' ? null : to, holdMs, reason: 'story' });
  },
  'drill-check': (world) => world.command({ kind: 'drill', live: false, to: null, holdMs: 0, reason: 'story' }),
  abort: (world) => world.command({ kind: 'abort', opId: world.state.op?.opId ?? '-', reason: 'story' }),
  rollback: (world) => world.command({ kind: 'rollback', opId: world.state.op?.opId ?? '-', reason: 'story' }),
  continue: (world) => world.command({ kind: 'continue', opId: world.state.op?.opId ?? '-', reason: 'story' }),
  freeze: (world, [on]) => world.command({ kind: 'freeze', on: on === 'on', reason: 'story' }),
  gate: (world, [name = '', state]) =>
    world.command({ kind: 'gate', gate: name, open: state === 'open', reason: 'story' }),
  ack: (world) => world.command({ kind: 'ack', reason: 'story' }),
  'clear-failures': (world, [node = '']) =>
    world.command({ kind: 'clearFailures', node: node === '' ? null : node, reason: 'story' }),
  repair: (world, [node = '', ...words]) =>
    world.command({ kind: 'repair', node, rootCause: words.length === 0 ? null : words.join(' '), reason: 'story' }),
  /** The failback window opens for so many seconds. */
  window: (world, [seconds = '']) => world.openWindow(Number(seconds) * 1_000),
  lag: (world, [node = '', lag = '']) => {
    world.node(node).lag = Number(lag);
  },
  failback: (world) => world.command({ kind: 'failback', reason: 'story' }),
  adopt: (world, [node = '']) => world.command({ kind: 'adopt', node, reason: 'story' }),
  rejoin: (world, [node = '']) => world.command({ kind: 'rejoin', node, reason: 'story' }),
  /** `test-fence b`, `test-fence b 2`: fires the ladder of a standby, or one level. */
  'test-fence': (world, [node = '', level = '']) =>
    world.command({ kind: 'fenceTest', node, level: level === '' ? null : Number(level) - 1, reason: 'story' }),
  'confirm-down': (world, [node = '']) => {
    const version = world.state.breadcrumbs[node]?.version ?? 0;
    world.command({ kind: 'confirmDown', node, reason: 'story', version });
  },
  /** `maintenance on`, `maintenance on b`, `maintenance on b 30`: ends by its own word after so many seconds [an hour]. */
  maintenance: (world, [on, node = '-', seconds = '3600']) => {
    const target = node === '-' ? null : node;
    const expiresAfterMs = Number(seconds) * 1_000;
    world.command({ kind: 'maintenance', on: on === 'on', node: target, reason: 'story', expiresAfterMs });
  },
  /** `prober p1 silent`, `prober p1 abstains`, `prober p1 sees a gone`, and `prober p1 well` again. */
  prober: ({ probers }, [prober = '', what = '', node = '', look = '']) => {
    if (what === 'well') probers.clear(prober);
    else if (what === 'silent') probers.sight(prober).isSilent = true;
    else if (what === 'abstains') probers.sight(prober).abstains = true;
    else if (what === 'sees') probers.sight(prober).sees.set(node, look as StoryNode['look']);
    else
      throw new RangeError(`Cannot tell the story: a prober is silent, abstains, sees or is well, value was ${what}`);
  },
  /** `brake on 3 of 4 hosts are down at once`: many active nodes died together (S36). */
  brake: ({ probers }, [on, ...reason]) => {
    probers.brake = on === 'on' ? reason.join(' ') : null;
  },
  /** `late 30 ns2`: these name servers do not answer anew, and what they say may be held for so many seconds. */
  late: ({ late }, [seconds = '0', ...servers]) => {
    Object.assign(late, { drainMs: Number(seconds) * 1_000, servers });
  },
  /** `precheck b permission denied`: why the precheck of a node fails; no words mend it. */
  precheck: (world, [node = '', ...words]) => {
    world.node(node).precheckFault = words.length === 0 ? null : words.join(' ');
  },
  /** Of an active-active service. */
  drain: (world, [node = '']) => world.command({ kind: 'drain', node, reason: 'story' }),
  undrain: (world, [node = '']) => world.command({ kind: 'undrain', node, reason: 'story' }),
  settle: (world) => world.settle(),
  /** Until the operation is in this phase. */
  until: (world, [phase = '']) => world.until(phase),
  wait: (world, [seconds = '']) => world.wait(Number(seconds) * 1_000),
  /** The wall clock is set forward, or back, by so many seconds. */
  clock: (world, [seconds = '']) => {
    world.wallShiftMs += Number(seconds) * 1_000;
  },
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
  /** `look as-written`, `look mendable A holds ...`, `look foreign the TXT is gone`: what a look at the record finds. */
  look: (world, [what = '', ...reason]) =>
    world.look(
      what === 'as-written'
        ? { kind: 'asWritten' }
        : { kind: 'drift', reason: reason.join(' '), isMendable: what === 'mendable' },
    ),
  dns: (world, [mode = '']) => {
    world.dns.mode = mode as DnsMode;
  },
  /** The same of the second provider. */
  second: (world, [mode = '']) => {
    world.second.mode = mode as DnsMode;
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
        vantage: options.get(`${id}.vantage`) ?? null,
        actions: actionsOf(usual, options),
      });
    });
  return new StoryWorld(storyRules(nodes, options));
}

type Options = ReadonlyMap<string, string>;

function actionsOf(usual: NodeRules, options: Options): NodeRules['actions'] {
  const drains = options.has('drain') ? { drain: 30_000, undrain: 5_000 } : {};
  return { ...usual.actions, precheck: 5_000, status: 5_000, resync: 5_000, ...drains };
}

/** What a story changes (`zone=api`: its name lives behind an API): `restart=1 cutover=early ttl=20 gates=release minStartable=2 maxLag=10 ...`, times in seconds. */
function storyRules(nodes: ServiceRules['nodes'], options: Options): ServiceRules {
  const number = (name: string, usual: number) => Number(options.get(name) ?? usual);
  return serviceRules({
    nodes,
    automatic: options.get('automatic') !== 'false',
    exclusive: options.get('exclusive') !== 'false' && !options.has('minHealthy'),
    warmStandby: options.get('standby') === 'warm',
    cooldownMs: number('cooldown', 20) * 1_000,
    stableForMs: 10_000,
    opMaxAgeMs: number('opMaxAge', 1_800) * 1_000,
    restart: { attempts: number('restart', 0), perMs: 600_000 },
    failureThreshold: { count: number('threshold', 3), perMs: 3_600_000 },
    budget: { count: number('budget', 3), perMs: number('budgetPer', 86_400) * 1_000 },
    cutover: options.get('cutover') === 'early' ? 'early' : 'verified',
    resyncAfter: options.get('resyncAfter') === 'move' ? 'move' : 'failure',
    failback: options.get('failback') === 'window' ? 'window' : 'manual',
    conflict: options.get('conflict') === 'freeze' ? 'freeze' : 'stopAll',
    coldStart: options.get('coldStart') !== 'false',
    sweepEveryMs: options.has('sweep') ? number('sweep', 30) * 1_000 : null,
    minStartable: number('minStartable', 0),
    maxLag: options.has('maxLag') ? number('maxLag', 0) : null,
    gates: options.has('gates') ? [options.get('gates') ?? ''] : [],
    hasSorry: options.has('sorry'),
    repairsDrift: options.get('drift') === 'repaired',
    ttl: { steadyMs: number('ttl', 5) * 1_000, suspectMs: 5_000, followsSuspicion: options.get('zone') !== 'api' },
    ...secondOf(options),
    alertRepeatMs: number('repeat', 300) * 1_000,
    // `minHealthy=2 slowStart=10 a.weight=3`: an active-active service.
    ...(options.has('minHealthy')
      ? {
          activeActive: {
            minHealthy: number('minHealthy', 1),
            slowStartMs: number('slowStart', 0) * 1_000,
            weights: Object.fromEntries(nodes.map(({ id }) => [id, number(`${id}.weight`, 1)])),
          },
        }
      : {}),
  });
}

/** `second=yes`, or `second=40`: a second provider behind an API, with so long a TTL. */
function secondOf(options: Options): Pick<ServiceRules, 'writtenTo' | 'second'> {
  const written = options.get('second');
  if (written === undefined) return {};
  const steadyMs = (Number(written) || 5) * 1_000;
  const ttl = { steadyMs, suspectMs: 5_000, followsSuspicion: false };
  return { writtenTo: 'one', second: { provider: 'two', place: 'two zone', ttl } };
}

function switchover(to: string): Extract<MachineCommand, { kind: 'switchover' }> {
  return { kind: 'switchover', from: null, to: to === '' || to === '-' ? null : to, reason: 'story' };
}
