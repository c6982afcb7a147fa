// DN-06, I6: the controller dies at every effect of every kind of operation, before it, in the middle of it and after it with
// its result lost. The end must be that of the story without a crash, and nothing happens twice. The effects are counted on
// the machine's own run, so a new phase is covered without a change here.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PHASES } from '../../src/failover/phase-table.ts';
import { secondRecord } from '../../src/failover/second-record.ts';
import { describeWorld } from './describe-step.ts';
import { tell, worldOf } from './story-commands.ts';
import type { CrashPoint, StoryWorld } from './story-world.ts';

/** A story begins with its world where it needs another one than `world a b`. */
const STORIES: Readonly<Record<string, readonly string[]>> = {
  switchover: ['given a', 'CRASH', 'switchover b', 'settle'],
  failback: ['given b', 'CRASH', 'failback', 'settle'],
  automatic: ['given a', 'CRASH', 'die a', 'settle'],
  'automatic with a fence': ['given a', 'knob a unreachable', 'CRASH', 'settle'],
  'a stop that fails': ['given a', 'knob a failToStop', 'CRASH', 'switchover b', 'settle'],
  'a target that fails': ['given a', 'knob b failToStart', 'CRASH', 'switchover b', 'settle'],
  adopt: ['appear a', 'wait 1', 'CRASH', 'adopt a', 'settle'],
  'from nothing': ['CRASH', 'switchover a', 'settle'],
  'a drain': ['world a b drain=1', 'given a', 'CRASH', 'switchover b', 'settle'],
  'a drain that fails': ['world a b drain=1', 'given a', 'knob a failToDrain', 'CRASH', 'switchover b', 'settle'],
  'a TTL that is lowered': ['world a b ttl=20', 'given a', 'wait 30', 'CRASH', 'switchover b', 'settle'],
  forced: ['given a', 'CRASH', 'failover b S32.precheck-failed', 'settle'],
  restart: ['world a b restart=1', 'given a', 'CRASH', 'die a', 'settle'],
  conflict: ['given a', 'appear b', 'CRASH', 'wait 10', 'settle'],
  'cold start': [
    'world a b cooldown=1',
    'given a',
    'knob b failToStart',
    'die a',
    'settle',
    'heal b',
    'CRASH',
    'rejoin b',
    'settle',
  ],
  drill: ['given a', 'CRASH', 'drill 5', 'wait 60', 'settle'],
  'a drill that looks': ['given a', 'CRASH', 'drill-check', 'settle'],
  'an early cutover': ['world a b cutover=early', 'given a', 'CRASH', 'switchover b', 'settle'],
  rejoin: ['given a', 'die a', 'settle', 'CRASH', 'rejoin a', 'settle'],
  'a fence test': ['world a b b.fence=2', 'given a', 'CRASH', 'test-fence b', 'settle'],
  'a fence test that fails': [
    'world a b b.fence=2',
    'given a',
    'knob b failFirstLevel',
    'CRASH',
    'test-fence b',
    'settle',
  ],
  'two providers': ['world a b second=yes', 'given a', 'CRASH', 'switchover b', 'settle'],
  'end of maintenance of a node': ['given a', 'maintenance on b', 'CRASH', 'maintenance off b', 'settle'],
};
const POINTS: readonly CrashPoint[] = ['before', 'during', 'after'];

type End = { readonly world: StoryWorld; readonly firstEffect: number };

function play(story: readonly string[], crash: { readonly at: number; readonly point: CrashPoint } | null): End {
  const [first = ''] = story;
  const world = worldOf(first.startsWith('world ') ? first : 'world a b');
  let firstEffect = 0;
  for (const line of story) {
    if (line.startsWith('world ')) continue;
    if (line !== 'CRASH') tell(world, line);
    else {
      firstEffect = world.effectCount;
      if (crash !== null) world.crashAt = { effect: firstEffect + crash.at, point: crash.point };
    }
  }
  tell(world, 'wait 60');
  return { world, firstEffect };
}

/** Who runs, what DNS says, what is on record and how operations ended; not how many steps it took to get there. */
function classOf({ world }: End): unknown {
  const { state, nodes, dns, second, lines } = world;
  const followed = secondRecord(state)?.dns ?? null;
  return {
    active: state.service.active,
    running: nodes.filter(({ isRunning }) => isRunning).map(({ id }) => id),
    crumbs: nodes.map(({ id }) => state.breadcrumbs[id]?.kind),
    failed: Object.keys(state.service.failed).sort(),
    dns: [dns.address, state.service.dns.confirmed?.node, state.service.dns.pending],
    second: [second.address, followed?.confirmed?.node, followed?.pending],
    under: [state.op, state.tail],
    // A shot that was cut off with its controller is not fired again, so its test may end as failed.
    ends: lines.filter(
      (line) => line.startsWith('  = ') && line !== '  = fenceTest done' && line !== '  = fenceTest failed',
    ),
  };
}

/** The place is only written out for a failure: that takes longer than the story. */
function telling(where: () => string, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw new Error(where(), { cause: error });
  }
}

describe('a crash at every boundary', () => {
  for (const [name, story] of Object.entries(STORIES)) {
    test(name, () => {
      const whole = play(story, null);
      const effects = whole.world.effectCount - whole.firstEffect;
      assert.ok(effects >= 1, describeWorld(whole.world));
      for (let at = 1; at <= effects; at += 1) {
        for (const point of POINTS) {
          const end = play(story, { at, point });
          const where = () =>
            `${point} effect ${at} of ${effects}\n${end.world.lines.join('\n')}\n${describeWorld(end.world)}`;
          telling(where, () => {
            assert.deepEqual(end.world.violations, []);
            assert.deepEqual(classOf(end), classOf(whole));
            if (point === 'during') return;
            for (const { id, counts } of end.world.nodes) {
              assert.equal(counts.starts, whole.world.node(id).counts.starts, `starts of ${id}`);
            }
          });
        }
      }
    });
  }

  test('the stories together pass every phase that has an effect', () => {
    const all = Object.values(STORIES).flatMap((story) => play(story, null).world.lines);
    for (const [phase, { effect }] of Object.entries(PHASES)) {
      if (effect === 'none' || phase === 'SYNC') continue;
      assert.ok(
        all.some((line) => line.includes(`${phase} ended`)),
        `no story passes ${phase}`,
      );
    }
  });
});
