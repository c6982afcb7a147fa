// What agents may ask of a prober over the network: their goals, a renewal, and to pass on a report. It stands from the start of
// the process to its end, across configurations and stores; without a store it says so and answers nothing from memory (S14).
import type { Clock } from '../base/clock.ts';
import { ERROR_CATALOGUE } from '../base/error-catalogue.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { Logger } from '../ports/logger.ts';
import { requireNotBehind } from './agent-ahead.ts';
import { AgentPoll } from './agent-poll.ts';
import { renewLease } from './agent-renew.ts';
import { AgentReports } from './agent-reports.ts';
import { type AgentSource, denied, readGeneration, requireCluster, requireNode } from './agent-source.ts';
import { goalsRequest, read, renewRequest, reportRequest } from './agent-wire.ts';
import { answerClaim, type ClaimOptions, lastSeenTokens } from './answer-claim.ts';
import {
  type ApiRequest,
  type ApiResponse,
  errorResponse,
  findRoute,
  noRoute,
  type Route,
  readBody,
} from './answer-request.ts';
import { awaitSource } from './await-source.ts';
import type { Asked } from './tls-server.ts';
import { type Caller, TokenGate } from './token-gate.ts';

export type AgentDoorOptions = {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Throws ONEUP_STORE_UNREACHABLE, or what else is wrong, while there is no store. */
  readonly source: () => AgentSource;
  /** Longest wait of a long poll [10s]. */
  readonly holdMs?: number;
} & Pick<ClaimOptions, 'book' | 'lastSeen'>;

export type AgentDoor = Disposable & {
  /** Never rejects. */
  readonly answer: (asked: Asked) => Promise<ApiResponse>;
};

type AgentRequest = ApiRequest & { readonly caller: Caller } & Pick<Asked, 'signal' | 'beat'>;

/** A report with evidence is below 32 KiB. */
const BODY_MAX_BYTES = 64 * 1_024;
const HOLD_MS = 10_000;
const HEALTH = '/v1/health';
const CLAIM = '/v1/agent/claim';
const GONE: ApiResponse = { status: 400, body: null };

export function createAgentDoor(options: AgentDoorOptions): AgentDoor {
  const { logger } = options;
  const gate = new TokenGate(options);
  const reports = new AgentReports(options);
  const routes = agentRoutes(options, gate, reports);
  const answer = async ({ request, address, signal, beat }: Asked): Promise<ApiResponse> => {
    try {
      if (request.method === 'GET' && request.url === HEALTH) return health(options);
      const found = findRoute(routes, request);
      if (found === null) return noRoute(request);
      const isClaim = found.route.path === CLAIM;
      const source = async () => (isClaim ? lastSeenTokens(options) : awaitSource(options, { signal }));
      const admission = await gate.admit(request.headers.authorization, { address, source }).catch(asStranger);
      if (!admission.ok) return admission.response;
      const { caller } = admission;
      const leave = reports.enter(caller.agent);
      try {
        const body = await readBody(request, { maxBytes: BODY_MAX_BYTES });
        return await found.route.handle({ ...found.request, body, caller, signal, beat });
      } finally {
        leave();
      }
    } catch (error) {
      // Nobody hears the answer, and nothing is wrong here.
      if (!(error instanceof OneupError) && (signal.aborted || request.errored !== null)) return GONE;
      return hideFault(errorResponse(error, logger));
    }
  };
  return { answer, [Symbol.dispose]: () => reports[Symbol.dispose]() };
}

function agentRoutes(
  options: AgentDoorOptions,
  gate: TokenGate,
  reports: AgentReports,
): readonly Route<AgentRequest>[] {
  const poll = new AgentPoll({ ...options, holdMs: options.holdMs ?? HOLD_MS, recheck: recheckWith(gate) });
  return [
    {
      method: 'POST',
      path: '/v1/agent/goals',
      handle: async ({ body, caller, signal, beat }) => {
        const goals = await poll.answer({ ...read(goalsRequest, body), caller, signal, beat });
        await reports.repeat(await awaitSource(options, { signal, session: true }), caller.agent);
        return ok(goals);
      },
    },
    {
      method: 'POST',
      path: '/v1/agent/renew',
      handle: async ({ body, caller, signal }) => {
        const request = read(renewRequest, body);
        return ok(await renewLease(await awaitSource(options, { signal }), { ...request, caller, signal }));
      },
    },
    {
      method: 'POST',
      path: CLAIM,
      handle: async ({ body, caller, signal }) =>
        ok(await answerClaim(options, { ...read(renewRequest, body), caller, signal })),
    },
    {
      method: 'POST',
      path: '/v1/agent/report',
      handle: async ({ body, caller, signal }) => {
        const { report, ...place } = read(reportRequest, body);
        const source = await awaitSource(options, { signal, session: true });
        requireCluster(source, place);
        requireNode(source, caller, report);
        const { generation } = readGeneration(await source.store.get(source.keys.meta));
        await requireNotBehind(source, caller, { known: place.generation, current: generation });
        if (report.generation > generation.number)
          throw denied(`its node is in generation ${report.generation}, this store in ${generation.number}`);
        await reports.pass(source, { agent: caller.agent, report, signal });
        return ok({});
      },
    },
  ];
}

/** A long poll that was let in waits on; before it is answered its token is looked up anew. */
function recheckWith(gate: TokenGate): (source: AgentSource, caller: Caller) => Promise<void> {
  return async ({ store, keys }, { tokenId }) => {
    gate.forget(tokenId);
    if ((await store.get(keys.token(tokenId))) === null) throw denied('the token was revoked');
  };
}

/** Says no more than that the process answers, and whether it has a store. */
function health({ source }: AgentDoorOptions): ApiResponse {
  try {
    const { kind } = source().store.health();
    return ok({ status: kind === 'reachable' ? 'ok' : 'store-lost' });
  } catch {
    return ok({ status: 'store-lost' });
  }
}

/** Who was not let in yet learns that the store is away, and not where it is. */
function asStranger(error: unknown): never {
  if (!(error instanceof OneupError)) throw error;
  const reason = ERROR_CATALOGUE[error.code].summary;
  throw new OneupError(error.code, `Cannot look the token up: ${reason}`, { cause: error, remedy: 'See oneup status' });
}

/** What went wrong inside is for the log, not for strangers. */
function hideFault(response: ApiResponse): ApiResponse {
  if (response.status !== 500) return response;
  const error = {
    code: 'ONEUP_INTERNAL',
    message: 'Cannot answer: a fault of oneup itself',
    remedy: 'See the log of the prober',
    exitCode: 1,
  };
  return { status: 500, body: { error } };
}

function ok(body: unknown): ApiResponse {
  return { status: 200, body };
}
