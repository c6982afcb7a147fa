// The sum of promise P2, for `oneup plan`: how long a failover of this service takes from the fault to the new answer, and
// until clients have it, each term by its name. Worst cases follow from the configuration; typical ones from history.

export type OutageInput = {
  readonly check: {
    readonly intervalMs: number;
    readonly timeoutMs: number;
    readonly fall: number;
    readonly rise: number;
    readonly minDownMs: number;
    readonly recheckMs: number;
  };
  readonly probers: number;
  /** false: no proof is needed, so nothing is stopped or fenced (S21). */
  readonly exclusive: boolean;
  readonly contactTimeoutMs: number;
  /** null where no stop action is configured. */
  readonly stopTimeoutMs: number | null;
  /** Time limit of each level of the ladder, in order. */
  readonly fenceTimeoutsMs: readonly number[];
  /** null where no start action is configured. */
  readonly startTimeoutMs: number | null;
  readonly verifyTimeoutMs: number;
  /** `followsSuspicion: false`: the name lives behind an API, where only planned moves shorten the TTL. */
  readonly ttl: {
    readonly steadySeconds: number;
    readonly suspectSeconds: number;
    readonly followsSuspicion: boolean;
  };
  readonly controller: { readonly sessionTtlMs: number; readonly killTimeMs: number; readonly startupGraceMs: number };
  /** Medians of this service's earlier operations; null where there is none yet. */
  readonly measured: {
    readonly stopMs: number | null;
    readonly fenceMs: number | null;
    readonly startMs: number | null;
  };
};

export type OutageTermName = 'detection' | 'stop' | 'fence' | 'start' | 'verify' | 'dns' | 'ttl';

export type OutageTerm = {
  readonly name: OutageTermName;
  /** null: never measured, so unknown until the first drill. */
  readonly typicalMs: number | null;
  readonly worstMs: number;
  readonly explanation: string;
};

export type OutageEstimate = {
  readonly terms: readonly OutageTerm[];
  /** Sum of the typical terms that are known. */
  readonly typicalMs: number;
  readonly worstMs: number;
  /** Terms that `typicalMs` leaves out. */
  readonly unmeasured: readonly OutageTermName[];
  /** What is added when the controller is lost in the same fault. */
  readonly controllerLostMs: number;
};

/** P2: a write reaches every own name server that has the store within half a second. */
const DNS_WORST_MS = 500;
/** Commit, watch and swap on one machine, rounded up. */
const DNS_TYPICAL_MS = 50;

/** One call to list and one to write, and a server that is told at once. */
const API_TYPICAL_MS = 1_000;
/** A write is given 10 s; Route 53 says of its servers that they follow within 60 s (Developer Guide, ChangeInfo). */
const API_WORST_MS = 70_000;

export function outageEstimate(input: OutageInput): OutageEstimate {
  const terms = [detection(input), stop(input), fence(input), start(input), verify(input), dns(input), ttl(input)];
  const { sessionTtlMs, killTimeMs, startupGraceMs } = input.controller;
  return {
    terms,
    typicalMs: terms.reduce((sum, { typicalMs }) => sum + (typicalMs ?? 0), 0),
    worstMs: terms.reduce((sum, { worstMs }) => sum + worstMs, 0),
    unmeasured: terms.filter(({ typicalMs }) => typicalMs === null).map(({ name }) => name),
    controllerLostMs: 2 * sessionTtlMs + killTimeMs + startupGraceMs,
  };
}

/** Probers stagger their rounds, and the first failure makes all of them look again every `recheck` (S24). */
function detection({ check, probers }: OutageInput): OutageTerm {
  const { intervalMs, timeoutMs, fall, minDownMs, recheckMs } = check;
  const quick = Math.max(minDownMs, (fall - 1) * recheckMs);
  const slow = Math.max(minDownMs + recheckMs, (fall - 1) * recheckMs) + (fall - 1) * timeoutMs;
  return {
    name: 'detection',
    typicalMs: Math.round(intervalMs / (2 * Math.max(1, probers))) + quick,
    worstMs: intervalMs + timeoutMs + slow,
    explanation: `${fall} failing checks over at least minDown; at worst each of them runs into its timeout`,
  };
}

/** A silent host costs the time to make contact; a host that answers may use the whole time limit of its stop action. */
function stop({ exclusive, stopTimeoutMs, contactTimeoutMs, measured }: OutageInput): OutageTerm {
  if (!exclusive || stopTimeoutMs === null) return none('stop', exclusive ? 'no stop action' : 'exclusive: false');
  const explanation = 'contact with the old node, then its stop action';
  return { name: 'stop', typicalMs: measured.stopMs, worstMs: contactTimeoutMs + stopTimeoutMs, explanation };
}

function fence({ exclusive, fenceTimeoutsMs, measured }: OutageInput): OutageTerm {
  if (!exclusive || fenceTimeoutsMs.length === 0)
    return none('fence', exclusive ? 'no fence ladder' : 'exclusive: false');
  const worstMs = fenceTimeoutsMs.reduce((sum, timeoutMs) => sum + timeoutMs, 0);
  const explanation = 'every level of the ladder up to its time limit; the first that passes ends it';
  return { name: 'fence', typicalMs: measured.fenceMs, worstMs, explanation };
}

function start({ startTimeoutMs, measured }: OutageInput): OutageTerm {
  if (startTimeoutMs === null) return none('start', 'no start action');
  const explanation = 'the start action up to its time limit';
  return { name: 'start', typicalMs: measured.startMs, worstMs: startTimeoutMs, explanation };
}

function verify({ check, verifyTimeoutMs }: OutageInput): OutageTerm {
  if (verifyTimeoutMs === 0) return none('verify', 'nothing is started');
  const pauses = Math.max(0, check.rise - 1) * check.recheckMs;
  return {
    name: 'verify',
    typicalMs: pauses,
    worstMs: verifyTimeoutMs,
    explanation: `${check.rise} passing checks of a quorum, recheck apart; given up after verifyTimeout`,
  };
}

function dns({ ttl: { followsSuspicion } }: OutageInput): OutageTerm {
  if (!followsSuspicion) {
    const explanation = 'the provider takes the write, and its servers take it over; longer while its API is down';
    return { name: 'dns', typicalMs: API_TYPICAL_MS, worstMs: API_WORST_MS, explanation };
  }
  const explanation = 'every own name server that has the store answers anew';
  return { name: 'dns', typicalMs: DNS_TYPICAL_MS, worstMs: DNS_WORST_MS, explanation };
}

/**
 * Answers given after the first failing vote carry the suspect TTL; one given just before it carries the steady TTL. Behind an
 * API all of them carry the steady one: an unplanned failover changes no TTL beforehand.
 */
function ttl({ ttl: { steadySeconds, suspectSeconds, followsSuspicion } }: OutageInput): OutageTerm {
  return {
    name: 'ttl',
    typicalMs: (followsSuspicion ? suspectSeconds : steadySeconds) * 1_000,
    worstMs: Math.max(steadySeconds, suspectSeconds) * 1_000,
    explanation: 'resolvers hold the old answer for the TTL with which they got it',
  };
}

function none(name: OutageTermName, explanation: string): OutageTerm {
  return { name, typicalMs: 0, worstMs: 0, explanation };
}
