// Runs whichever kind of check a target asks for: a table of kinds, so that a new kind does not compile until it is here.
import type { CheckTarget } from '../config/check-target.ts';
import type { CheckOutcome } from './check-outcome.ts';
import { dnsCheck } from './dns-check.ts';
import { execCheck } from './exec-check.ts';
import { groupCheck } from './group-check.ts';
import { grpcCheck } from './grpc-check.ts';
import { httpCheck } from './http-check.ts';
import { icmpCheck } from './icmp-check.ts';
import { redisCheck } from './redis-check.ts';
import type { RunCheckOptions } from './run-check-options.ts';
import { createRunCommand } from './run-command.ts';
import { tcpCheck } from './tcp-check.ts';
import { tlsCheck } from './tls-check.ts';

type Kinds = {
  readonly [Kind in CheckTarget['kind']]: (
    target: Extract<CheckTarget, { kind: Kind }>,
    options: RunCheckOptions,
  ) => Promise<CheckOutcome>;
};

const KINDS: Kinds = {
  http: httpCheck,
  tcp: tcpCheck,
  tls: tlsCheck,
  dns: dnsCheck,
  icmp: (target, options) => icmpCheck(target, { ...options, runCommand: createRunCommand(options) }),
  grpc: grpcCheck,
  // Their clients are large, and few probers need one: the first such check loads it.
  postgres: async (target, options) => (await import('./postgres-check.ts')).postgresCheck(target, options),
  mysql: async (target, options) => (await import('./mysql-check.ts')).mysqlCheck(target, options),
  redis: redisCheck,
  exec: (target, { clock, ...rest }) => execCheck(target, { ...rest, runCommand: createRunCommand({ clock }) }),
  group: (target, options) => groupCheck(target, { ...options, run: runCheck }),
};

/** A longer reason would make the observation too long to be read, and the vote with it absent. */
const REASON_MAX_CHARS = 1_000;

/**
 * One attempt on one address. Never rejects and always resolves by the deadline. Do not run the check again before
 * `lingering` has resolved (S23).
 */
export async function runCheck(target: CheckTarget, options: RunCheckOptions): Promise<CheckOutcome> {
  // The table pairs each kind with its own target; TypeScript cannot follow that through a lookup.
  const check = KINDS[target.kind] as (target: CheckTarget, options: RunCheckOptions) => Promise<CheckOutcome>;
  const { result, lingering } = await check(target, options);
  if (result.kind === 'pass') return { result: { ...result, detail: shortened(result.detail) }, lingering };
  return { result: { ...result, reason: shortened(result.reason) }, lingering };
}

function shortened(text: string): string {
  return text.length <= REASON_MAX_CHARS ? text : `${text.slice(0, REASON_MAX_CHARS)}...`;
}
