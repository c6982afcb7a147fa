// Asks one name server one question by UDP and judges code and records. dns2's client does not compare the question of an
// answer with its own, so that is done here; silence says nothing about the host, because no refusal comes back by UDP.
import dns2, { Packet } from 'dns2';
import type { DnsRecordType, DnsTarget } from '../config/check-target.ts';
import type { ProbeResult } from '../health/probe-result.ts';
import type { CheckOutcome } from './check-outcome.ts';
import type { ConverseOptions } from './converse.ts';
import { type DnsAnswer, describeDnsAnswer, findDnsFault } from './judge-dns-answer.ts';
import { judgeDeadline, judgeFault } from './judge-fault.ts';
import { PhaseTimer } from './phase-timer.ts';
import { resolveHost } from './resolve-host.ts';

/** Never rejects; safe to repeat. */
export async function dnsCheck(target: DnsTarget, { signal, clock }: ConverseOptions): Promise<CheckOutcome> {
  const timer = new PhaseTimer(clock, 'resolve');
  const what = `ask ${target.host}:${target.port} for ${target.name} ${target.type}`;
  if (signal.aborted) {
    return { result: { kind: 'error', phases: {}, reason: `Cannot ${what}: no time was left` }, lingering: null };
  }
  const resolved = await resolveHost(target.host, { signal });
  timer.begin('firstByte');
  const phases = timer.times();
  if (resolved.kind === 'error') return { result: { kind: 'error', phases, reason: resolved.reason }, lingering: null };
  if (resolved.kind === 'deadline') {
    return { result: judgeDeadline({ phase: 'resolve', phases, what }), lingering: resolved.lingering };
  }
  const asking = ask(target, resolved.address);
  const answer = await Promise.race([asking, deadlineOf(signal)]);
  timer.end();
  // The client closes its socket when it gives up, which is then (S23).
  const lingering = answer === 'deadline' ? asking.then(() => undefined) : null;
  return { result: judge(answer, { target, what, phases: timer.times() }), lingering };
}

async function ask(target: DnsTarget, address: string): Promise<DnsAnswer | Error> {
  const resolve = dns2.UDPClient({
    dns: address,
    port: target.port,
    socketType: address.includes(':') ? 'udp6' : 'udp4',
    timeout: target.waitMs,
    retryOverTCP: false,
  });
  try {
    const options = { recursive: target.isRecursive };
    return (await resolve(bare(target.name), typeName(target.type), Packet.CLASS.IN, options)) as unknown as DnsAnswer;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** The types of the package lack some that it knows. */
function typeName(type: DnsRecordType): 'A' {
  return type as 'A';
}

function bare(name: string): string {
  return name.replace(/\.$/, '');
}

type About = { readonly target: DnsTarget; readonly what: string; readonly phases: ProbeResult['phases'] };

function judge(answer: DnsAnswer | Error | 'deadline', { target, what, phases }: About): ProbeResult {
  const phase = 'firstByte';
  const isLate = answer === 'deadline' || (answer as { readonly code?: unknown }).code === 'ETIMEDOUT';
  if (isLate) {
    const why = answer instanceof Error ? (/\(last (.*)\)$/s.exec(answer.message)?.[1] ?? null) : null;
    const reason = `Cannot ${what}: no answer before the deadline${why === null ? '' : `, only one that does not count: ${why}`}`;
    return { kind: 'fail', phases, phase, reason, reach: 'unknown' };
  }
  if (answer instanceof Error) {
    const judged = judgeFault(answer, { phase, phases, what });
    return judged.kind === 'fail' ? { ...judged, reach: 'unknown' } : judged;
  }
  const fault = findDnsFault(answer as DnsAnswer, {
    ...target,
    name: bare(target.name),
    typeCode: Packet.TYPE[typeName(target.type)],
  });
  if (fault === null) return { kind: 'pass', phases, detail: describeDnsAnswer(answer as DnsAnswer) };
  const reason = `Cannot ${what}: ${fault.reason}`;
  return fault.isOurs ? { kind: 'error', phases, reason } : { kind: 'fail', phases, phase, reason, reach: 'reached' };
}

function deadlineOf(signal: AbortSignal): Promise<'deadline'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('deadline');
    else signal.addEventListener('abort', () => resolve('deadline'), { once: true });
  });
}
