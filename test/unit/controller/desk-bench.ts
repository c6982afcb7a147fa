// A desk of a term over the memory provider, as its tests need it: calls by priority, and what of them is told.
import { createMemoryProvider } from '../../../providers/memory/index.ts';
import { MemoryZones } from '../../../providers/memory/memory-zones.ts';
import type { ExternalProviderConfig } from '../../../src/config/provider-config.ts';
import { callsRecordSchema, type ProviderCalls } from '../../../src/controller/call-counters.ts';
import { ProviderDesk } from '../../../src/controller/provider-desk.ts';
import type { CallBudget, CallPriority } from '../../../src/plan/call-budget.ts';
import type { DnsProvider } from '../../../src/ports/dns-provider.ts';
import { ZONE } from '../../sim/sim-config.ts';
import { createBench, holdTerm } from './controller-bench.ts';

const BUDGET: CallBudget = { calls: 20, perMs: 10_000, reserve: 4 };
export const CHANGE = {
  before: null,
  after: { name: `app.${ZONE}`, type: 'A', ttlSeconds: 60, values: ['192.0.2.1'] },
} as const;

function external(name: string, change: Partial<Pick<ExternalProviderConfig, 'account' | 'budget' | 'kind'>>) {
  const common = {
    name,
    kind: 'route53',
    zones: [ZONE],
    timeoutMs: 5_000,
    servers: [],
    account: 'one',
    driftCron: null,
  } as const;
  const own = {
    hostedZoneId: 'Z1',
    region: null,
    endpoint: null,
    credentials: { kind: 'default' },
    assumeRole: null,
  } as const;
  return { ...common, ...own, budget: BUDGET, ...change } as ExternalProviderConfig;
}

type Providers = Readonly<Record<string, Partial<Pick<ExternalProviderConfig, 'account' | 'budget' | 'kind'>>>>;

export async function openDesk(
  wrap: (provider: DnsProvider) => Partial<DnsProvider>,
  providers: Providers = { out: {} },
  mayAct?: () => boolean,
) {
  const bench = await createBench();
  const { tenure: held } = await holdTerm(bench);
  const tenure = { ...held, mayAct: mayAct ?? held.mayAct };
  const memory = createMemoryProvider({ name: 'memory', zones: new MemoryZones() });
  const records: (string | null)[] = [];
  const deps = {
    ...bench.deps,
    config: {
      ...bench.config,
      providers: [
        { name: 'builtin', kind: 'builtin' } as const,
        ...Object.entries(providers).map(([name, change]) => external(name, change)),
      ],
    },
    ports: { ...bench.deps.ports, provider: (name: string) => ({ ...memory, ...wrap(memory), name }) },
    report: (_key: string, value: string | null) => void records.push(value),
  };
  const desk = new ProviderDesk(deps, tenure);
  const signal = new AbortController().signal;
  const { clock } = bench;
  const settled = async <T>(wanted: Promise<T>): Promise<T | Error> => {
    const caught = wanted.catch((error: Error) => error);
    await clock.advance(100);
    return caught;
  };
  return {
    ...{ clock, desk, records, tenure, settled },
    list: (priority: CallPriority, name = 'out') =>
      settled(desk.provider(name, priority).list(ZONE, { names: [`app.${ZONE}`], signal })),
    apply: (priority: CallPriority) =>
      settled(desk.provider('out', priority).apply(ZONE, [CHANGE], { idempotencyKey: 'k', signal })),
    calls: (): ProviderCalls | undefined => callsRecordSchema.parse(JSON.parse(records.at(-1) ?? '[]'))[0],
  };
}

export function outcome(answer: unknown): unknown {
  if (answer instanceof Error) return { code: (answer as { code?: unknown }).code };
  return answer;
}
