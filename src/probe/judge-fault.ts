// Whose fault a failed connection is: the node's (fail, with what it says about its host) or ours (error, S22).
import type { CheckPhase, PhaseTimes, ProbeResult } from '../health/probe-result.ts';

/** Out of files, ports, memory or an address family: this prober could not look. */
const OUR_FAULTS: readonly string[] = [
  'EMFILE',
  'ENFILE',
  'EADDRNOTAVAIL',
  'EADDRINUSE',
  'ENOBUFS',
  'ENOMEM',
  'EAFNOSUPPORT',
  'ENETDOWN',
  'EACCES',
  'EPERM',
  'EINVAL',
];
/** Nobody answered, not even with a refusal. */
const SILENT_FAULTS: readonly string[] = ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN'];

type Where = { readonly phase: CheckPhase; readonly phases: PhaseTimes; readonly what: string };

/** The result for an error of the socket, of TLS or of the HTTP parser. */
export function judgeFault(error: Error & { code?: unknown }, { phase, phases, what }: Where): ProbeResult {
  const code = typeof error.code === 'string' ? error.code : '';
  const reason = `Cannot ${what}: ${describe(error, code)}`;
  if (OUR_FAULTS.includes(code)) return { kind: 'error', phases, reason: `${reason} (on the prober)` };
  const isSilent = phase === 'connect' && SILENT_FAULTS.includes(code);
  return { kind: 'fail', phases, phase, reason, reach: isSilent ? 'unreached' : 'reached' };
}

/** The result when the deadline came first. Silence while connecting says that the host was not reached. */
export function judgeDeadline({ phase, phases, what }: Where): ProbeResult {
  if (phase === 'resolve') return { kind: 'error', phases, reason: `Cannot ${what}: the name did not resolve in time` };
  const reason = `Cannot ${what}: no answer in phase ${phase} before the deadline`;
  return { kind: 'fail', phases, phase, reason, reach: phase === 'connect' ? 'unreached' : 'reached' };
}

const PLAIN_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection closed by the other side',
  EPIPE: 'connection closed by the other side',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files on this machine',
  EADDRNOTAVAIL: 'no free local address or port',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate chain ends in an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate chain is incomplete',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the authority of the certificate is unknown',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another name',
  HPE_HEADER_OVERFLOW: 'the headers are longer than 16 KiB',
};

function describe(error: Error, code: string): string {
  const words = PLAIN_WORDS[code];
  if (words !== undefined) return `${words} (${code})`;
  return code.startsWith('HPE_')
    ? `the answer is not HTTP (${code})`
    : `${error.message}${code === '' ? '' : ` (${code})`}`;
}
