// What a prober answers: status, why, plan and history to everybody who may open its socket, and commands, which travel as
// records to whoever is the controller and are answered by it.
import { z } from 'zod';
import { OneupError } from '../base/oneup-error.ts';
import type { ServiceConfig } from '../config/config.ts';
import { readHistory, readJournal } from '../controller/read-history.ts';
import { readIncident, readIncidents } from '../controller/read-incident.ts';
import { operationStatus, readClusterStatus, readMachine, readServiceStatus } from '../controller/read-model.ts';
import { readPlan, readPlanSnapshot } from '../controller/read-plan.ts';
import { requestSchema } from '../controller/read-requests.ts';
import { readWhy } from '../controller/read-why.ts';
import type { ApiRequest, ApiResponse, Route } from './api-server.ts';
import type { ApiSource } from './api-source.ts';
import { findService, findServiceNode } from './find-service.ts';
import { forgetService } from './forget-service.ts';
import { passCommand } from './pass-command.ts';
import { type TestAlert, testAlert } from './test-alert.ts';

export type RouteDeps = {
  /** Throws ONEUP_STORE_UNREACHABLE, or what else is wrong, while there is no store. */
  readonly source: () => ApiSource;
  /** What this process itself knows: its name server, its store, the configuration it runs. */
  readonly self: () => object;
  /** Sends a test alert through the channels of the configuration in force. */
  readonly testAlert?: TestAlert;
  readonly reload: (request: { readonly force: boolean; readonly actor: string }) => Promise<ApiResponse>;
};

const HISTORY_MAX = 100;

export function apiRoutes(deps: RouteDeps): readonly Route[] {
  return [
    { method: 'GET', path: '/v1/status', handle: () => status(deps) },
    {
      method: 'GET',
      path: '/v1/services/:service',
      handle: (request) => ok(readServiceStatus(deps.source(), service(deps, request))),
    },
    {
      method: 'GET',
      path: '/v1/services/:service/why',
      handle: async (r) => ok(await readWhy(deps.source(), service(deps, r))),
    },
    {
      method: 'GET',
      path: '/v1/services/:service/plan',
      handle: async (r) => ok(await readPlan(deps.source(), service(deps, r))),
    },
    { method: 'GET', path: '/v1/services/:service/plan-snapshot', handle: (r) => planSnapshot(deps, r) },
    {
      method: 'GET',
      path: '/v1/services/:service/incidents',
      handle: async (r) => ok(await readIncidents(deps.source(), service(deps, r))),
    },
    { method: 'GET', path: '/v1/services/:service/incidents/:node', handle: (r) => incident(deps, r) },
    { method: 'GET', path: '/v1/services/:service/history', handle: (r) => history(deps, r) },
    { method: 'GET', path: '/v1/services/:service/operations/:op', handle: (r) => operation(deps, r) },
    { method: 'POST', path: '/v1/services/:service/commands', handle: (r) => command(deps, r) },
    { method: 'POST', path: '/v1/test-alert', handle: (r) => testAlert(deps.source(), deps.testAlert, r.body) },
    { method: 'POST', path: '/v1/forget', handle: (r) => forgetService(deps.source(), r.body) },
    { method: 'POST', path: '/v1/reload', handle: (r) => deps.reload(reloadSchema.parse(r.body)) },
  ];
}

const reloadSchema = z.strictObject({ force: z.boolean(), actor: z.string().max(200) });

function ok(body: unknown): ApiResponse {
  return { status: 200, body };
}

/** Also answered without a store: then only what this process knows. */
function status(deps: RouteDeps): ApiResponse {
  const self = deps.self();
  try {
    return ok({ self, cluster: readClusterStatus(deps.source()) });
  } catch (error) {
    if (!(error instanceof OneupError)) throw error;
    return ok({ self, cluster: null, problem: { code: error.code, message: error.message, remedy: error.remedy } });
  }
}

function service(deps: RouteDeps, { params }: ApiRequest): ServiceConfig {
  return findService(deps.source().config, params.service ?? '');
}

/** What `oneup plan --save` keeps. */
async function planSnapshot(deps: RouteDeps, request: ApiRequest): Promise<ApiResponse> {
  const source = deps.source();
  return ok(await readPlanSnapshot(source, service(deps, request), source.clock.wallMs()));
}

/** null for a node that has not failed as far as the history goes. */
async function incident(deps: RouteDeps, request: ApiRequest): Promise<ApiResponse> {
  const found = service(deps, request);
  const node = findServiceNode(found, request.params.node ?? '');
  return ok(await readIncident(deps.source(), found, node.id));
}

async function history(deps: RouteDeps, request: ApiRequest): Promise<ApiResponse> {
  const limit = Math.min(HISTORY_MAX, Number(request.query.get('limit') ?? 20) || 20);
  return ok(await readHistory(deps.source(), { service: service(deps, request).id, limit }));
}

/** One operation, running or ended, with its journal: what the CLI follows. */
async function operation(deps: RouteDeps, request: ApiRequest): Promise<ApiResponse> {
  const source = deps.source();
  const found = service(deps, request);
  const opId = request.params.op ?? '';
  const machine = readMachine(source, found);
  const running = [machine.op, machine.tail].find((op) => op?.opId === opId);
  const journal = await readJournal(source, { service: found.id, opId });
  if (running)
    return ok({ operation: operationStatus(running), isTail: running === machine.tail, ended: null, journal });
  const [ended] = (await readHistory(source, { service: found.id, limit: HISTORY_MAX })).filter(
    (entry) => entry.op.opId === opId,
  );
  return ok({ operation: operationStatus(ended?.op ?? null), isTail: false, ended: ended ?? null, journal });
}

async function command(deps: RouteDeps, request: ApiRequest): Promise<ApiResponse> {
  const source = deps.source();
  const parsed = requestSchema.safeParse(request.body);
  if (!parsed.success) throw new OneupError('ONEUP_USAGE', `Cannot read command: ${z.prettifyError(parsed.error)}`);
  return ok(await passCommand(source, service(deps, request).id, parsed.data));
}
