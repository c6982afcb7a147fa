// `npm run demo`: oneup from its start to a failback, on this machine, with real processes, in under half a minute. Exit code 0
// only if every answer was as it must be. `--stay` leaves it running and says what to try.
import { setTimeout as delay } from 'node:timers/promises';
import { type DemoPlace, preparePlace } from './demo-place.ts';
import { DemoProcesses } from './demo-processes.ts';
import { type DemoProviderKind, KNOWN_PROVIDERS, readProviderKind, startDemoProvider } from './demo-provider.ts';
import { type DemoStoreKind, KNOWN_KINDS, readStoreKind, startDemoStore } from './demo-store.ts';
import { DnsWatch } from './dns-watch.ts';
import { type Chapter, tellStory, WrongAnswer } from './story.ts';
import { createTerminal, type Terminal } from './terminal.ts';
import { showPropagation, showTimeline, showWhy } from './timeline.ts';

const INTERRUPTED = 130;
const DAY_MS = 86_400_000;

export type DemoOptions = {
  readonly stay: boolean;
  readonly store: DemoStoreKind;
  readonly provider: DemoProviderKind;
  readonly signal: AbortSignal;
};

export async function runDemo(terminal: Terminal, options: DemoOptions): Promise<number> {
  const { stay, signal } = options;
  await using store = await open(terminal, options.store, () => startDemoStore(options.store));
  if (store === null) return 1;
  await using provider = await open(terminal, options.provider, () => startDemoProvider(options.provider));
  if (provider === null) return 1;
  const place = await preparePlace(store.written, provider.name === 'builtin' ? null : provider);
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

/** Null when the server is not installed, or does not start: that is said, with what helps. */
async function open<T>(terminal: Terminal, kind: string, start: () => Promise<T>): Promise<T | null> {
  try {
    return await start();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    terminal.line(`Cannot run the demo with ${kind}: ${reason}`);
    return null;
  }
}

/** The first argument that is neither an option of the demo nor the value of one. */
function findUnknown(args: readonly string[]): string | undefined {
  const takesValue = (arg: string | undefined) => arg === '--store' || arg === '--provider';
  return args.find(
    (arg, at) =>
      !takesValue(arg) && !takesValue(args[at - 1]) && arg !== '--stay' && !/^--(?:store|provider)=/.test(arg),
  );
}

function showEnd(terminal: Terminal, watch: DnsWatch, chapters: readonly Chapter[]): void {
  const failover = chapters.find(({ operation }) => operation.kind === 'automatic');
  if (failover === undefined) throw new WrongAnswer('no automatic operation was recorded');
  showTimeline(terminal, watch, chapters);
  showPropagation(terminal, chapters);
  showWhy(terminal, failover);
  terminal.line();
  terminal.line(terminal.good('Every answer was as it must be.'));
}

function showWhatToTry(terminal: Terminal, { configFile, folder, servers }: DemoPlace, processes: DemoProcesses): void {
  const oneup = (text: string) => `npm run oneup -- ${text} -c ${configFile}`;
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
  const provider = readProviderKind(process.argv);
  const unknown = findUnknown(process.argv.slice(2));
  if (unknown !== undefined) {
    terminal.line(`Cannot run the demo with ${unknown}; it knows --stay, --store KIND and --provider KIND`);
    terminal.line(`stores: ${KNOWN_KINDS}; providers: ${KNOWN_PROVIDERS}`);
    process.exitCode = 1;
  } else if (store === null || provider === null) {
    const [option, known] = store === null ? ['--store', KNOWN_KINDS] : ['--provider', KNOWN_PROVIDERS];
    terminal.line(`Cannot run the demo: ${option} must be one of ${known}`);
    process.exitCode = 1;
  } else {
    const stay = process.argv.includes('--stay');
    process.exitCode = await runDemo(terminal, { stay, store, provider, signal: stop.signal });
  }
}
