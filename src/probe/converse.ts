// One connection to one address under one deadline, and the talk over it: what all kinds over TCP share. It resolves,
// connects (through a proxy where there is one), shakes hands by TLS, and judges what goes wrong on the way.
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import type { ClientTls, ProxyTarget } from '../config/check-target.ts';
import type { ProbeResult } from '../health/probe-result.ts';
import { CheckFault } from './check-fault.ts';
import type { CheckOutcome } from './check-outcome.ts';
import { judgeDeadline, judgeFault } from './judge-fault.ts';
import { PhaseTimer } from './phase-timer.ts';
import { askProxy } from './proxy-request.ts';
import { resolveHost } from './resolve-host.ts';

export type ConverseOptions = { readonly signal: AbortSignal; readonly clock: Clock };

export type Party = {
  readonly host: string;
  readonly port: number;
  /** What is tried, after "Cannot"; no secrets. */
  readonly what: string;
  readonly tls: (ClientTls & { readonly alpn?: readonly string[] }) | null;
  readonly proxy: ProxyTarget | null;
  /** The open connection is all that is looked for: no phase follows it [false]. */
  readonly endsConnected?: boolean;
};

/** What was seen, for the result: `detail` of a pass. Throws CheckFault or the socket's error otherwise. */
export type Talk = (socket: Socket, timer: PhaseTimer) => Promise<string>;

/** More than any answer that a check waits for; a server that sends without end is cut off. */
const READ_MAX_BYTES = 1_048_576;
const VOLUME_LOOK_MS = 20;

/** Never rejects, and leaves no socket behind. */
export async function converse(party: Party, { signal, clock }: ConverseOptions, talk: Talk): Promise<CheckOutcome> {
  const timer = new PhaseTimer(clock, 'resolve');
  const { what, proxy } = party;
  if (signal.aborted) {
    return { result: { kind: 'error', phases: {}, reason: `Cannot ${what}: no time was left` }, lingering: null };
  }
  const resolved = await resolveHost(proxy === null ? party.host : proxy.host, { signal });
  timer.begin('connect');
  const phases = timer.times();
  if (resolved.kind === 'error') return { result: { kind: 'error', phases, reason: resolved.reason }, lingering: null };
  if (resolved.kind === 'deadline') {
    return { result: judgeDeadline({ phase: 'resolve', phases, what }), lingering: resolved.lingering };
  }
  const result = await runTalk({ ...party, address: resolved.address }, { signal, clock, timer }, talk);
  return { result, lingering: null };
}

/** Who is spoken to: the proxy, the proxy while it connects to the node, or the node. */
type Stage = 'proxy' | 'asked' | 'node';
type Course = ConverseOptions & { readonly timer: PhaseTimer };
type Addressed = Party & { readonly address: string };

async function runTalk(party: Addressed, { signal, clock, timer }: Course, talk: Talk): Promise<ProbeResult> {
  const { what, proxy } = party;
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => {});
  const sockets: Socket[] = [];
  const watched = <Kind extends Socket>(socket: Kind): Kind => {
    sockets.push(socket);
    // `on`, not `once`: an error that comes after the result must not bring the process down.
    socket.on('error', broken.reject);
    socket.once('close', () => broken.reject(new Error('the connection closed before the answer was complete')));
    return socket;
  };
  const course: { stage: Stage } = { stage: proxy === null ? 'node' : 'proxy' };
  const open = async (): Promise<string> => {
    const raw = watched(connectTcp({ host: party.address, port: proxy?.port ?? party.port }));
    await happens(raw, 'connect');
    if (proxy !== null) {
      const onAsked = () => {
        course.stage = 'asked';
      };
      await askProxy(raw, { proxy, host: party.host, port: party.port, onAsked });
      course.stage = 'node';
    }
    if (party.tls === null) {
      if (party.endsConnected !== true) timer.begin('firstByte');
      return await talk(raw, timer);
    }
    timer.begin('tls');
    const secure = watched(connectTls(tlsOptions(raw, party)));
    await happens(secure, 'secureConnect');
    if (party.endsConnected !== true) timer.begin('firstByte');
    return await talk(secure, timer);
  };
  const stopLooking = limitVolume(sockets, clock, broken.reject);
  const deadline = deadlineOf(signal);
  try {
    const detail = await Promise.race([open(), broken.promise, deadline.passed]);
    timer.end();
    return { kind: 'pass', phases: timer.times(), detail };
  } catch (error) {
    timer.end();
    return judge(error, { phase: timer.phase, phases: timer.times(), what, stage: course.stage, proxy });
  } finally {
    deadline.forget();
    stopLooking();
    destroyAll(sockets);
  }
}

/** TLS first: Node 24 ends with a segmentation fault when the socket below it is destroyed just before. */
function destroyAll(sockets: readonly Socket[]): void {
  for (const socket of sockets.toReversed()) socket.destroy();
}

function happens(socket: Socket | TLSSocket, event: string): Promise<void> {
  return new Promise((resolve) => {
    socket.once(event, () => resolve());
  });
}

function tlsOptions(socket: Socket, { host, tls }: Addressed) {
  const name = (tls?.serverName ?? host).replace(/^\[|\]$/g, '');
  return {
    socket,
    // For the check of the certificate; a name that is an address may not be asked for (RFC 6066 section 3).
    host: name,
    ...(isIP(name) === 0 ? { servername: name } : {}),
    rejectUnauthorized: tls?.verify !== false,
    ...(tls?.ca ? { ca: tls.ca } : {}),
    ...(tls?.alpn === undefined ? {} : { ALPNProtocols: [...tls.alpn] }),
  };
}

/** The sockets are read by drivers and by TLS, so the volume is looked up rather than counted. */
function limitVolume(sockets: readonly Socket[], clock: Clock, refuse: (error: Error) => void): () => void {
  const look = () => {
    if (sockets.some(({ bytesRead }) => bytesRead > READ_MAX_BYTES)) {
      refuse(new CheckFault('fail', 'the server sent more than 1 MiB'));
      destroyAll(sockets);
      return;
    }
    timer = clock.timer(VOLUME_LOOK_MS, look);
  };
  let timer = clock.timer(VOLUME_LOOK_MS, look);
  return () => timer.stop();
}

class DeadlinePassed extends Error {}

function deadlineOf(signal: AbortSignal): { readonly passed: Promise<never>; readonly forget: () => void } {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  const onAbort = () => reject(new DeadlinePassed('the deadline passed'));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return { passed: promise, forget: () => signal.removeEventListener('abort', onAbort) };
}

type Where = Parameters<typeof judgeDeadline>[0] & { readonly stage: Stage; readonly proxy: Party['proxy'] };

/**
 * The proxy's own silence or end says nothing about the node (S22). Once it was asked for the way, silence is most likely the
 * node's, and how far it got is unknown.
 */
function judge(error: unknown, { stage, proxy, ...where }: Where): ProbeResult {
  const { phase, phases, what } = where;
  if (error instanceof CheckFault) {
    const reason = `Cannot ${what}: ${error.message}`;
    if (error.verdict === 'error') return { kind: 'error', phases, reason };
    return { kind: 'fail', phases, phase: error.phase ?? phase, reason, reach: error.reach };
  }
  const isLate = error instanceof DeadlinePassed;
  const fault = error instanceof Error ? error : new Error(String(error));
  const plain = isLate ? judgeDeadline(where) : judgeFault(fault, where);
  if (stage === 'node' || plain.kind !== 'fail') return plain;
  const reason = `${plain.reason} (at the ${proxy?.kind} proxy ${proxy?.host}:${proxy?.port})`;
  return stage === 'asked' && isLate ? { ...plain, reason, reach: 'unknown' } : { kind: 'error', phases, reason };
}
