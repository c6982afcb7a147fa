// `npm run demo`: oneup from its start to a failback, on this machine, with real processes, in under half a minute. Exit code 0
// only if every answer was as it must be. `--stay` leaves it running and says what to try.
import { setTimeout as delay } from 'node:timers/promises';
import { type DemoPlace, preparePlace } from './demo-place.ts';
import { DemoProcesses } from './demo-processes.ts';
import { type DemoStoreKind, KNOWN_KINDS, readStoreKind, startDemoStore } from './demo-store.ts';
import { DnsWatch } from './dns-watch.ts';
import { type Chapter, tellStory, WrongAnswer } from './story.ts';
import { createTerminal, type Terminal } from './terminal.ts';
import { showTimeline, showWhy } from './timeline.ts';

const INTERRUPTED = 130;
const DAY_MS = 86_400_000;

export async function runDemo(
  terminal: Terminal,
  options: { readonly stay: boolean; readonly store: DemoStoreKind; readonly signal: AbortSignal },
): Promise<number> {
  const { stay, signal } = options;
  await using store = await startDemoStore(options.store);
  const place = await preparePlace(store.written);
  const processes = new DemoProcesses(place, signal);
  const watch = new DnsWatch(place.servers);
  let keepsFolder = false;
  try {
    const chapters = await tellStory({ place, processes, watch, terminal, signal });
    showEnd(terminal, watch, chapters);
    if (stay) {
      showWhatToTry(terminal, place, processes);
      while (!signal.aborted) await delay(DAY_MS, null, { signal }).catch(() => null);
    }
    return 0;
  } catch (error) {
    if (signal.aborted) return INTERRUPTED;
    keepsFolder = true;
    showFailure(terminal, { error, place, processes });
    return 1;
  } finally {
    await watch.stop();
    await processes.stopAll();
    if (!keepsFolder) await place.remove();
  }
}

function showEnd(terminal: Terminal, watch: DnsWatch, chapters: readonly Chapter[]): void {
  const failover = chapters.find(({ operation }) => operation.kind === 'automatic');
  if (failover === undefined) throw new WrongAnswer('no automatic operation was recorded');
  showTimeline(terminal, watch, chapters);
  showWhy(terminal, failover);
  terminal.line();
  terminal.line(terminal.good('Every answer was as it must be.'));
}

function showWhatToTry(terminal: Terminal, { configFile, folder, servers }: DemoPlace, processes: DemoProcesses): void {
  const oneup = (text: string) => `node src/main.ts ${text} -c ${configFile}`;
  terminal.heading('It is still running; try');
  for (const command of [
    oneup('status'),
    oneup('plan web'),
    `dig @127.0.0.1 -p ${servers[0]?.port} web.ha.example.com`,
    `kill -9 $(cat ${folder}/node/a.pid)`,
    oneup('why web'),
    oneup('rejoin web --node a'),
    oneup('failback web'),
    `kill -9 ${processes.proberPid('p1')}   # prober p1: the two others go on`,
  ])
    terminal.command(command);
  terminal.line('Ctrl-C ends everything.');
}

type Failure = { readonly error: unknown; readonly place: DemoPlace; readonly processes: DemoProcesses };

function showFailure(terminal: Terminal, { error, place, processes }: Failure): void {
  terminal.line();
  terminal.line(terminal.bad(error instanceof WrongAnswer ? error.message : String(error)));
  for (const line of processes.logTails()) terminal.line(terminal.faint(line));
  terminal.line(`Everything is kept in ${place.folder}`);
}

if (import.meta.main) {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop.abort());
  // A reader that went away, such as `head`, ends the demo like Ctrl-C: nothing may be left running.
  process.stdout.on('error', () => stop.abort());
  const isColoured = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  const terminal = createTerminal((text) => process.stdout.write(text), isColoured);
  const store = readStoreKind(process.argv);
  if (store === null) {
    terminal.line(`Cannot run the demo: --store must be one of ${KNOWN_KINDS}`);
    process.exitCode = 1;
  } else {
    process.exitCode = await runDemo(terminal, { stay: process.argv.includes('--stay'), store, signal: stop.signal });
  }
}
