// POST /v1/services/SERVICE/test-fence: what the fence device of a node says now, asked by this prober, or what firing it would run.
// Nothing is fired and nothing is written here: firing is a command for the controller.
import { z } from 'zod';
import { OneupError } from '../base/oneup-error.ts';
import type { NodeConfig, ServiceConfig } from '../config/config.ts';
import { readFencePlan } from '../controller/read-fence-plan.ts';
import { readServiceStatus } from '../controller/read-model.ts';
import type { ApiResponse } from './api-server.ts';
import type { ApiSource } from './api-source.ts';
import { findServiceNode } from './find-service.ts';

/** `unknown`: the query failed, which says nothing about the node (S18). */
export type FenceAnswer = {
  /** Counted from 1, as everywhere where people read it. */
  readonly level: number;
  readonly driver: string;
  readonly state: 'off' | 'notOff' | 'unknown';
  readonly reason: string;
  readonly durationMs: number;
};

export type FenceReport = {
  readonly service: string;
  readonly node: string;
  /** Who asked: another prober may reach another device. */
  readonly prober: string;
  readonly levels: readonly FenceAnswer[];
  /** Probers that see the node answer as active at this moment. */
  readonly answering: readonly string[];
  /** Levels whose device says off of a node that answers: their proof would be none. */
  readonly contradicted: readonly number[];
};

/** Asks the confirm query of each level once, all at the same time. Never rejects for what devices do. */
export type FenceTest = (asked: {
  readonly service: ServiceConfig;
  readonly node: NodeConfig;
  readonly levels: readonly number[];
}) => Promise<Pick<FenceReport, 'prober' | 'levels'>>;

const bodySchema = z.strictObject({
  node: z.string().max(200),
  level: z.int().min(1).nullable(),
  /** true: nothing is asked either; the answer says what firing would run. */
  dryRun: z.boolean().default(false),
});

/** Throws ONEUP_USAGE for a node or a level that is not there, ONEUP_NO_FENCE_LADDER for a node without levels. */
export async function testFence(
  source: ApiSource,
  service: ServiceConfig,
  { test, body }: { readonly test: FenceTest | undefined; readonly body: unknown },
): Promise<ApiResponse> {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) throw new OneupError('ONEUP_USAGE', `Cannot read request: ${z.prettifyError(parsed.error)}`);
  const node = findServiceNode(service, parsed.data.node);
  const levels = chooseLevels({ service, node, wanted: parsed.data.level });
  if (parsed.data.dryRun) {
    return { status: 200, body: readFencePlan(source, service, { node, levels, onlyLevel: parsed.data.level }) };
  }
  if (test === undefined) throw new OneupError('ONEUP_USAGE', 'Cannot test the fence: this prober has no node drivers');
  const asked = await test({ service, node, levels });
  // Read after the devices were asked: a node that was switched off meanwhile contradicts nobody.
  const seen = readServiceStatus(source, service).nodes.find((report) => report.node === node.id);
  const answering = seen?.answering ?? [];
  const off = asked.levels.filter(({ state }) => state === 'off').map(({ level }) => level);
  const contradicted = answering.length === 0 ? [] : off;
  const report: FenceReport = { service: service.id, node: node.id, ...asked, answering, contradicted };
  return { status: 200, body: report };
}

function chooseLevels({
  service,
  node,
  wanted,
}: {
  readonly service: ServiceConfig;
  readonly node: NodeConfig;
  readonly wanted: number | null;
}): readonly number[] {
  const count = node.actions.fence.length;
  const where = `${service.id}/${node.id}`;
  if (count === 0) {
    throw new OneupError('ONEUP_NO_FENCE_LADDER', `Cannot test the fence: ${where} has no level in actions.fence`);
  }
  if (wanted === null) return node.actions.fence.map((_, index) => index + 1);
  if (wanted <= count) return [wanted];
  throw new OneupError('ONEUP_USAGE', `Cannot test the fence: ${where} has levels 1 to ${count}, value was ${wanted}`, {
    remedy: 'Name one of its levels, or none to ask them all',
  });
}
