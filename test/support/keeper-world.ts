// The services of a keeper on a clock that a test moves, with instances whose processes are numbers: what a real machine does at
// once or never, such as a suspension or a process that hangs in the kernel, happens here on request.
import { open } from 'node:fs/promises';
import type { Instance, Launch, MainExit } from '../../src/keeper/instance.ts';
import type { OpenRoom } from '../../src/keeper/kept-room.ts';
import { KeptServices } from '../../src/keeper/kept-services.ts';
import type { KeptExit, KeptService, SpawnAnswer, SpawnRequest } from '../../src/ports/keeper.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';

export type StubInstance = Instance & {
  readonly calls: string[];
  /** Ends the program; `left` processes of it stay. */
  readonly end: (exit: MainExit, left?: number) => void;
  readonly loseLast: () => void;
  /** SIGKILL does not help any more. */
  readonly hang: () => void;
};

export type KeeperWorld = {
  readonly clock: FakeClock;
  readonly services: KeptServices;
  readonly instances: readonly StubInstance[];
  readonly exits: readonly KeptExit[];
  readonly view: () => KeptService | undefined;
  /** Deadline in so many milliseconds. */
  readonly arm: (aheadMs: number, epoch?: number) => boolean;
  readonly spawn: (request?: Partial<SpawnRequest>) => Promise<SpawnAnswer>;
  /** Lets everything that is due happen. */
  readonly settle: () => Promise<void>;
};

export function openKeeperWorld(
  options: { readonly started?: Instance['started']; readonly openRoom?: OpenRoom } = {},
): KeeperWorld {
  const clock = createFakeClock();
  const instances: StubInstance[] = [];
  const exits: KeptExit[] = [];
  const launch: Launch = (_, onChange) => {
    const instance = createStub(onChange, options.started);
    instances.push(instance);
    return instance;
  };
  const services = new KeptServices({
    clock,
    launch,
    openUnit: (_, __, onChange) => launch({ argv: [], cwd: null, env: {}, logFd: 0 }, onChange),
    log: () => {},
    openLog: () => open('/dev/null', 'w'),
    openRoom: options.openRoom ?? null,
    onExit: (_, exit) => exits.push(exit),
  });
  return {
    clock,
    services,
    instances,
    exits,
    view: () => services.views()[0],
    arm: (aheadMs, epoch = 1) => services.arm({ service: 'web', epoch, deadlineBootMs: clock.bootMs() + aheadMs }),
    spawn: (request = {}) =>
      services.spawn({ service: 'web', epoch: 1, step: 1, argv: ['x'], cwd: null, env: {}, ...request }),
    settle: () => clock.advance(20),
  };
}

function createStub(onChange: () => void, started: Instance['started'] | undefined): StubInstance {
  const calls: string[] = [];
  let exit: MainExit | null = null;
  // What could not be started has no process.
  let leftCount = started === undefined ? 1 : 0;
  let isHanging = false;
  return {
    calls,
    started: started ?? Promise.resolve({ kind: 'spawned', pid: 4_242 }),
    mainPid: () => (exit === null ? 4_242 : null),
    mainExit: () => exit,
    hasProcesses: () => leftCount > 0,
    terminate: () => void calls.push('terminate'),
    kill: () => {
      calls.push('kill');
      if (!isHanging) leftCount = 0;
    },
    isGone: () => leftCount === 0,
    tend: () => {},
    end: (how, left = 0) => {
      exit = how;
      leftCount = left;
      onChange();
    },
    loseLast: () => {
      leftCount = 0;
    },
    hang: () => {
      isHanging = true;
    },
  };
}
