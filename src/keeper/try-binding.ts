// Finds out at the start of a keeper whether a service really dies with it, by killing one that has tried hard to escape (S16).
import { closeSync, openSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import { findTools, type Tools } from './find-tools.ts';
import type { Instance, Launch } from './instance.ts';
import { JobNamespace } from './job-namespace.ts';
import type { OpenRoom } from './kept-room.ts';
import { launchTrial, namespaceLaunch } from './pid-namespace.ts';
import { groupLaunch } from './process-group.ts';

export type Binding = {
  readonly launch: Launch;
  readonly openRoom: OpenRoom;
  readonly binds: boolean;
  readonly reason: string;
};

/** Takes a tenth of a second. A keeper that gave up too early on a busy machine would prove nothing for the rest of its life. */
const TRIAL_MAX_MS = 10_000;
const POLL_MS = 10;
/** Forks twice and leaves its session, as daemons do. */
const ESCAPE = '"$0" "$1" -c \'sleep 300 & sleep 300\' & exit 0';

export async function chooseBinding(clock: Clock): Promise<Binding> {
  const tools = findTools();
  if ('missing' in tools) return unbound(`${tools.missing} is not installed`);
  const reason = await findFlaw(clock, tools);
  if (reason !== null) return unbound(reason);
  const openRoom = (onChange: () => void) => new JobNamespace({ clock, tools, onChange });
  return { launch: namespaceLaunch({ clock, tools }), openRoom, binds: true, reason: 'pid namespaces work here' };
}

function unbound(reason: string): Binding {
  return { launch: groupLaunch(), openRoom: null, binds: false, reason };
}

/** Kills a process that stands in for the keeper and looks whether anything of the service is left. */
async function findFlaw(clock: Clock, tools: Tools): Promise<string | null> {
  const nowhere = openSync('/dev/null', 'w');
  const standIn = [tools.sh, '-c', '"$@" & wait', 'stand-in'];
  const instance = launchTrial(escapingProgram(tools, nowhere), { clock, tools, standIn });
  try {
    const answer = await instance.started;
    if (answer.kind === 'failed') return answer.reason;
    if (!(await until(clock, () => instance.mainExit() !== null && instance.hasProcesses())))
      return 'the trial left no process behind';
    instance.loseKeeper();
    return (await until(clock, () => !instance.hasProcesses())) ? null : 'a process outlived the keeper of the trial';
  } finally {
    closeSync(nowhere);
    await until(clock, () => isCleared(instance));
  }
}

function escapingProgram(tools: Tools, logFd: number): Parameters<Launch>[0] {
  return { argv: [tools.sh, '-c', ESCAPE, tools.setsid, tools.sh], cwd: null, env: {}, logFd };
}

function isCleared(instance: Instance): boolean {
  instance.kill();
  return instance.isGone();
}

async function until(clock: Clock, isDone: () => boolean): Promise<boolean> {
  const untilMonoMs = clock.monotonicMs() + TRIAL_MAX_MS;
  for (;;) {
    if (isDone()) return true;
    if (clock.monotonicMs() >= untilMonoMs) return false;
    await clock.sleep(POLL_MS, { signal: new AbortController().signal });
  }
}
