// The agent's end of the keeper: finds the one that lives or starts one, asks again over a new connection when one breaks, and
// tells when services end. Closing it leaves the keeper and its services as they are (S16).
import { resolve } from 'node:path';
import type { Clock, Timer } from '../base/clock.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { Keeper, SpawnAnswer, StopAnswer, UnitAnswer } from '../ports/keeper.ts';
import { ExitBook } from './exit-book.ts';
import { type KeeperLink, LinkLost, openLink } from './keeper-link.ts';
import { type KeeperAnswer, type KeeperRequest, keeperPaths, PROTOCOL, type WireHello } from './keeper-protocol.ts';
import { type SpawnKeeperOptions, spawnKeeper } from './spawn-keeper.ts';

export type StartKeeperOptions = SpawnKeeperOptions & {
  readonly clock: Clock;
  /** false: the keeper is a unit of its own, which somebody else starts [true]. */
  readonly mayStart?: boolean;
};

export type KeeperHandle = Keeper & Disposable;

/** sun_path of unix(7), less its ending zero. */
const SOCKET_PATH_MAX_BYTES = 107;
/** A keeper answers after half a second, and on a busy machine after its trial of what binds; a silent one stands still. */
const HELLO_MAX_MS = 60_000;
const RETRY_MS = 50;
const RECONNECT_MS = 250;
const START_EVERY_MS = 2_000;

/** Returns at once. Throws ONEUP_AGENT_KEEPER for a state directory that can hold no socket. */
export function startKeeper(given: StartKeeperOptions): KeeperHandle {
  // The keeper works in another directory than the agent.
  const options = { ...given, stateDir: resolve(given.stateDir) };
  const { socket } = keeperPaths(options.stateDir);
  if (Buffer.byteLength(socket) > SOCKET_PATH_MAX_BYTES)
    throw new OneupError(
      'ONEUP_AGENT_KEEPER',
      `Cannot use the state directory: its path is too long, value was ${socket}`,
    );
  return new KeeperClient(options);
}

type Connected = { readonly link: KeeperLink; readonly hello: WireHello };

class KeeperClient implements KeeperHandle {
  readonly #options: StartKeeperOptions;
  readonly #exits = new ExitBook();
  #connected: Promise<Connected> | null = null;
  /** Names the newest connection. */
  #openCount = 0;
  #startedMonoMs = Number.NEGATIVE_INFINITY;
  #reconnect: Timer | null = null;
  readonly #closing = new AbortController();

  constructor(options: StartKeeperOptions) {
    this.#options = options;
    this.#connectLater(0);
  }

  readonly hello: Keeper['hello'] = async ({ signal }) => {
    const hello = (await this.#ask({ kind: 'hello' }, signal)) as WireHello;
    this.#exits.compare(hello, this.#options.clock.bootMs());
    const { protocol: _, ...rest } = hello;
    return rest;
  };

  readonly arm: Keeper['arm'] = async (request, { signal }) =>
    (await this.#ask({ kind: 'arm', ...request }, signal)) as boolean;

  readonly spawn: Keeper['spawn'] = async (request, { signal }) => {
    const answer = (await this.#ask({ kind: 'spawn', ...request }, signal)) as SpawnAnswer;
    const connected = await this.#connected?.catch(() => null);
    const isBound = request.unit === undefined;
    if (answer.kind === 'spawned' && isBound && connected) this.#exits.noteRunning(request.service, connected.hello);
    return answer;
  };

  readonly stop: Keeper['stop'] = async (request, { signal }) =>
    (await this.#ask({ kind: 'stop', ...request }, signal)) as StopAnswer;

  readonly judgeUnit: Keeper['judgeUnit'] = async (request, { signal }) =>
    (await this.#ask({ kind: 'unit', ...request }, signal)) as UnitAnswer;

  readonly onExit: Keeper['onExit'] = (listener) => this.#exits.listen(listener);

  [Symbol.dispose](): void {
    this.#closing.abort(new Error('the agent has closed its keeper'));
    this.#reconnect?.stop();
    void this.#connected?.then(({ link }) => link.close()).catch(() => {});
  }

  /** Every request is safe to repeat, so a lost connection is made again until the caller gives up. */
  async #ask(request: KeeperRequest, callerSignal: AbortSignal): Promise<KeeperAnswer> {
    const signal = AbortSignal.any([callerSignal, this.#closing.signal]);
    let last: unknown = null;
    while (!signal.aborted) {
      try {
        const { link } = await untilAborted(this.#connect(), signal);
        return await link.ask(request, signal);
      } catch (error) {
        if (error instanceof OneupError) throw error;
        if (error instanceof LinkLost) last = error;
        await this.#options.clock.sleep(RETRY_MS, { signal }).catch(() => {});
      }
    }
    const { log } = keeperPaths(this.#options.stateDir);
    const why = last instanceof Error ? last.message : 'Cannot reach the keeper: it does not answer';
    throw new OneupError('ONEUP_AGENT_KEEPER', `${why}; see ${log}`, { cause: signal.reason });
  }

  /** Several callers share one connection, and one attempt to make it. */
  #connect(): Promise<Connected> {
    this.#connected ??= this.#open().catch((error: unknown) => {
      this.#connected = null;
      throw error;
    });
    return this.#connected;
  }

  async #open(): Promise<Connected> {
    const { clock, stateDir } = this.#options;
    this.#openCount += 1;
    const openCount = this.#openCount;
    const link = openLink(keeperPaths(stateDir).socket, {
      onExit: (service, exit) => this.#exits.tell(service, exit),
      onLost: () => this.#lose(openCount),
    });
    const patience = new AbortController();
    const timer = clock.timer(HELLO_MAX_MS, () =>
      patience.abort(new LinkLost('Cannot reach the keeper: silent', false)),
    );
    try {
      const signal = AbortSignal.any([patience.signal, this.#closing.signal]);
      const hello = (await link.ask({ kind: 'hello' }, signal)) as WireHello;
      if (hello.protocol !== PROTOCOL) throw foreignKeeper(hello);
      this.#exits.compare(hello, clock.bootMs());
      return { link, hello };
    } catch (error) {
      link.close();
      if (error instanceof LinkLost && error.isNobodyThere) this.#start();
      throw error;
    } finally {
      timer.stop();
    }
  }

  #lose(openCount: number): void {
    // The end of a connection is told later than its failure; there may be another one by then.
    if (openCount !== this.#openCount) return;
    this.#connected = null;
    this.#connectLater(RECONNECT_MS);
  }

  /** Also while nobody asks: the exits of services have to be heard. */
  #connectLater(ms: number): void {
    if (this.#closing.signal.aborted) return;
    this.#reconnect?.stop();
    this.#reconnect = this.#options.clock.timer(ms, () => void this.#connect().catch(() => {}));
  }

  #start(): void {
    const { clock, mayStart = true } = this.#options;
    const now = clock.monotonicMs();
    if (!mayStart || this.#closing.signal.aborted || now - this.#startedMonoMs < START_EVERY_MS) return;
    this.#startedMonoMs = now;
    try {
      spawnKeeper(this.#options);
    } catch (cause) {
      throw new OneupError('ONEUP_AGENT_KEEPER', `Cannot start the keeper: ${(cause as Error).message}`, { cause });
    }
  }
}

function foreignKeeper({ protocol, pid }: WireHello): OneupError {
  const message = `Cannot use the keeper: it speaks protocol ${protocol}, this agent ${PROTOCOL}, its pid was ${pid}`;
  return new OneupError('ONEUP_AGENT_KEEPER', message, {
    remedy: 'Stop the services of this node, end the keeper with SIGTERM, and start the agent again',
  });
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
