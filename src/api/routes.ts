// What a prober answers: status, why, plan and history to everybody who may open its socket, and commands, which travel as
// records to whoever is the controller and are answered by it.
import { z } from 'zod';
import { OneupError } from '../base/oneup-error.ts';
import type { ServiceConfig } from '../config/config.ts';
import { readHistory, readJournal } from '../controller/read-history.ts';
import { readIncident, readIncidents } from '../controller/read-incident.ts';
import { readClusterStatus, readMachine, readServiceStatus } from '../controller/read-model.ts';
import { operationStatus } from '../controller/read-operation.ts';
import { readPlan, readPlanSnapshot } from '../controller/read-plan.ts';
import { readRecord } from '../controller/read-record.ts';
import { requestSchema } from '../controller/read-requests.ts';
import { readWhy } from '../controller/read-why.ts';
import type { PropagationReport } from '../failover/propagation-report.ts';
import type { ApiRequest, ApiResponse, Route } from './api-server.ts';
import type { ApiSource } from './api-source.ts';
import { findService, findServiceNode } from './find-service.ts';
import { forgetService } from './forget-service.ts';
import { passCommand } from './pass-command.ts';
import { type TestAlert, testAlert } from './test-alert.ts';
import { type FenceTest, testFence } from './test-fence.ts';
import { tokenRoutes } from './tokens.ts';

export type RouteDeps = {
  /** Throws ONEUP_STORE_UNREACHABLE, or what else is wrong, while there is no store. */
  readonly source: () => ApiSource;
  /** What this process itself knows: its name server, its store, the configuration it runs. */
  readonly self: () => object;
  /** How each member of the store is, when that is asked for; takes until a deadline of its own. */
  readonly members?: () => Promise<readonly object[]>;
  /** Sends a test alert through the channels of the configuration in force. */
  readonly testAlert?: TestAlert;
  /** Asks the fence devices of a node from here. */
  readonly testFence?: FenceTest;
  /** Asks every server and resolver once what it answers for a service. */
  readonly propagation?: (service: ServiceConfig) => Promise<PropagationReport | null>;
  readonly reload: (request: z.infer<typeof reloadSchema>) => Promise<ApiResponse>;
  /** Every live prober tries the file of this one from where it stands. */
  readonly connect?: (request: z.infer<typeof connectSchema>) => Promise<ApiResponse>;
};

const HISTORY_MAX = 100;
const SERVICE_ID = /^[a-z0-9-]{1,63}$/;

export function apiRoutes(deps: RouteDeps): readonly Route[] {
  return [
    { method: 'GET', path: '/v1/status', handle: (request) => status(deps, request) },
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
    { method: 'GET', path: '/v1/services/:service/record', handle: (r) => record(deps, r) },
    {
      method: 'GET',
      path: '/v1/services/:service/incidents',
      handle: async (r) => ok(await readIncidents(deps.source(), service(deps, r))),
    },
    { method: 'GET', path: '/v1/services/:service/incidents/:node', handle: (r) => incident(deps, r) },
    { method: 'GET', path: '/v1/services/:service/propagation', handle: (r) => propagation(deps, r) },
    { method: 'GET', path: '/v1/services/:service/history', handle: (r) => history(deps, r) },
    { method: 'GET', path: '/v1/services/:service/operations/:op', handle: (r) => operation(deps, r) },
    { method: 'POST', path: '/v1/services/:service/commands', handle: (r) => command(deps, r) },
    { method: 'POST', path: '/v1/services/:service/test-fence', handle: (r) => fence(deps, r) },
    { method: 'POST', path: '/v1/test-alert', handle: (r) => testAlert(deps.source(), deps.testAlert, r.body) },
    { method: 'POST', path: '/v1/forget', handle: (r) => forgetService(deps.source(), r.body) },
    { method: 'POST', path: '/v1/reload', handle: (r) => deps.reload(reloadSchema.parse(r.body)) },
    { method: 'POST', path: '/v1/connect', handle: (r) => connect(deps, r) },
    ...tokenRoutes(deps.source),
  ];
}

/** `named`: the file that the asker means, and its digest where it can be read. */
const reloadSchema = z.strictObject({
  force: z.boolean(),
  release: z.array(z.string().max(63)).max(1_000).default([]),
  actor: z.string().max(200),
  named: z
    .strictObject({ path: z.string().max(4_096), digest: z.string().max(64).nullable() })
    .nullable()
    .default(null),
});

const connectSchema = z.strictObject({ digest: z.string().max(64) });

async function connect(deps: RouteDeps, { body }: ApiRequest): Promise<ApiResponse> {
  const parsed = connectSchema.safeParse(body);
  if (!parsed.success || deps.connect === undefined)
    throw new OneupError('ONEUP_USAGE', 'Cannot look: expected { digest } of the configuration file');
  return deps.connect(parsed.data);
}

async function propagation(deps: RouteDeps, request: ApiRequest): Promise<ApiResponse> {
  return ok({ report: (await deps.propagation?.(service(deps, request))) ?? null });
}

function ok(body: unknown): ApiResponse {
  return { status: 200, body };
}

/** Also answered without a store: then only what this process knows. Members are asked for by name, for they take time. */
async function status(deps: RouteDeps, { query }: ApiRequest): Promise<ApiResponse> {
  const members = query.get('members') === 'yes' ? await deps.members?.() : undefined;
  const self = members === undefined ? deps.self() : withMembers(deps.self(), members);
  try {
    return ok({ self, cluster: readClusterStatus(deps.source()) });
  } catch (error) {
    if (!(error instanceof OneupError)) throw error;
    return ok({ self, cluster: null, problem: { code: error.code, message: error.message, remedy: error.remedy } });
  }
}

function withMembers(self: { readonly store?: object }, members: readonly object[]): object {
  return { ...self, store: { ...self.store, members } };
}

function service(deps: RouteDeps, { params }: ApiRequest): ServiceConfig {
  return findService(deps.source().config, params.service ?? '');
}

/** What `oneup plan --save` keeps. */
async function planSnapshot(deps: RouteDeps, request: ApiRequest): Promise<ApiResponse> {
  const source = deps.source();
  return ok(await readPlanSnapshot(source, service(deps, request), source.clock.wallMs()));
}

/** What the provider holds, asked now: a provider that does not answer is said so after this long. */
const RECORD_TIMEOUT_MS = 10_000;

async function record(deps: RouteDeps, request: ApiRequest): Promise<ApiResponse> {
  const source = deps.source();
  const found = service(deps, request);
  const node = request.query.get('to');
  const to = node === null ? null : findServiceNode(found, node).id;
  const deadline = new AbortController();
  const timer = source.clock.timer(RECORD_TIMEOUT_MS, () => deadline.abort(new Error('the provider took too long')));
  try {
    const repairs = request.query.get('repair') === 'true';
    return ok(await readRecord(source, found, { to, repairs, signal: deadline.signal }));
  } finally {
    timer.stop();
  }
}

/** null for a node that has not failed as far as the history goes. */
async function incident(deps: RouteDeps, request: ApiRequest): Promise<ApiResponse> {
  const found = service(deps, request);
  const node = findServiceNode(found, request.params.node ?? '');
  return ok(await readIncident(deps.source(), found, node.id));
}

async function history(deps: RouteDeps, request: ApiRequest): Promise<ApiResponse> {
  const limit = Math.min(HISTORY_MAX, Number(request.query.get('limit') ?? 20) || 20);
  const source = deps.source();
  const id = request.params.service ?? '';
  // What was released from the configuration is readable until it is forgotten.
  const entries = SERVICE_ID.test(id) ? await readHistory(source, { service: id, limit }) : [];
  return ok(entries.length > 0 ? entries : await readHistory(source, { service: service(deps, request).id, limit }));
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

function fence({ source, testFence: test }: RouteDeps, request: ApiRequest): Promise<ApiResponse> {
  const found = source();
  return testFence(found, findService(found.config, request.params.service ?? ''), { test, body: request.body });
}

async function command(deps: RouteDeps, request: ApiRequest): Promise<ApiResponse> {
  const source = deps.source();
  const parsed = requestSchema.safeParse(request.body);
  if (!parsed.success) throw new OneupError('ONEUP_USAGE', `Cannot read command: ${z.prettifyError(parsed.error)}`);
  const found = service(deps, request);
  // Nobody controls a service whose records are damaged: said at once, instead of waiting for an answer that never comes.
  readMachine(source, found);
  return ok(await passCommand(source, found.id, { request: parsed.data, idempotencyKey: request.idempotencyKey }));
}
