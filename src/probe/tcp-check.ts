// Passes when a TCP connection opens before the deadline; sends nothing and closes at once.
import { connect } from 'node:net';
import type { Clock } from '../base/clock.ts';
import type { CheckTarget } from '../config/config.ts';
import type { ProbeResult } from '../health/probe-result.ts';
import type { CheckOutcome } from './check-outcome.ts';
import { judgeDeadline, judgeFault } from './judge-fault.ts';
import { PhaseTimer } from './phase-timer.ts';
import { resolveHost } from './resolve-host.ts';

type TcpTarget = Extract<CheckTarget, { kind: 'tcp' }>;
type Options = { readonly signal: AbortSignal; readonly clock: Clock };

/** Never rejects; safe to repeat. */
export async function tcpCheck({ host, port }: TcpTarget, { signal, clock }: Options): Promise<CheckOutcome> {
  const timer = new PhaseTimer(clock, 'resolve');
  const what = `connect to ${host}:${port}`;
  if (signal.aborted) {
    return { result: { kind: 'error', phases: {}, reason: `Cannot ${what}: no time was left` }, lingering: null };
  }
  const resolved = await resolveHost(host, { signal });
  timer.begin('connect');
  const phases = timer.times();
  if (resolved.kind === 'error') return { result: { kind: 'error', phases, reason: resolved.reason }, lingering: null };
  if (resolved.kind === 'deadline') {
    return { result: judgeDeadline({ phase: 'resolve', phases, what }), lingering: resolved.lingering };
  }
  const result = await open({ address: resolved.address, port, what }, { signal, timer });
  return { result, lingering: null };
}

type Dial = { readonly address: string; readonly port: number; readonly what: string };

function open(
  { address, port, what }: Dial,
  options: { signal: AbortSignal; timer: PhaseTimer },
): Promise<ProbeResult> {
  const { signal, timer } = options;
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const settle = (result: ProbeResult) => {
      signal.removeEventListener('abort', onDeadline);
      socket.destroy();
      resolve(result);
    };
    function onDeadline(): void {
      timer.end();
      settle(judgeDeadline({ phase: 'connect', phases: timer.times(), what }));
    }
    signal.addEventListener('abort', onDeadline, { once: true });
    socket.once('connect', () => {
      timer.end();
      settle({ kind: 'pass', phases: timer.times(), detail: `connected to ${address}:${port}` });
    });
    // `on`, not `once`: an error that comes after the result must not bring the process down.
    socket.on('error', (error) => {
      timer.end();
      settle(judgeFault(error, { phase: 'connect', phases: timer.times(), what }));
    });
  });
}
