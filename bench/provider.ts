// What each provider costs in a failover: calls, and wall time from a verified node to a change that the provider confirms. The
// built-in zone in sqlite, BIND and PowerDNS as real servers, the clouds as their doubles, all on this machine and round by round
// in one run: the network to a cloud is not in it. Usage: node bench/provider.ts [failovers of each]. The last line is JSON.
import type { DnsIntent } from '../src/failover/intent.ts';
import { Asked } from './provider/asked.ts';
import { failOver } from './provider/one-failover.ts';
import { openProviderPlace, PLACE_KINDS, type PlaceKind, type ProviderPlace } from './provider/places.ts';

const FAILOVERS = 100;
/** Of a failover and a zone, all steps of CUTOVER together. */
const CALLS_MAX = 5;

type Sample = { readonly calls: number; readonly firstCallMs: number; readonly wallMs: number };
type Contender = {
  readonly kind: PlaceKind;
  readonly place: ProviderPlace;
  readonly asked: Asked;
  readonly samples: Sample[];
};

const nowMs = () => performance.now();
const { signal } = new AbortController();

/** The first writes the name, the others move it between two nodes. */
function intentAt(round: number): DnsIntent {
  return { node: round % 2 === 0 ? 'a' : 'b', level: 'steady', epoch: round + 1, seq: round + 1 };
}

async function measure({ place, asked }: Contender, round: number): Promise<Sample> {
  asked.reset();
  const startMs = nowMs();
  const confirmed = round === 0 ? null : intentAt(round - 1);
  await failOver(place.provider, { intent: intentAt(round), confirmed, signal });
  const wallMs = nowMs() - startMs;
  const { count, firstMs } = asked.reset();
  return { calls: count, firstCallMs: (firstMs ?? startMs) - startMs, wallMs };
}

function summarise({ place, samples }: Contender) {
  const [first, ...failovers] = samples;
  const of = (part: keyof Sample, share: number) =>
    round1(
      quantile(
        failovers.map((sample) => sample[part]),
        share,
      ),
    );
  const calls = Math.max(...failovers.map((sample) => sample.calls));
  return {
    callsOfFirstWrite: first?.calls ?? Number.NaN,
    callsOfFailover: calls,
    isWithinFive: calls <= CALLS_MAX,
    loadMs: round1(place.loadMs),
    decisionToFirstCallMs: { p50: of('firstCallMs', 0.5), p99: of('firstCallMs', 0.99) },
    verifiedToConfirmedMs: { p50: of('wallMs', 0.5), p99: of('wallMs', 0.99) },
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}

async function main(failovers: number): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const contenders: Contender[] = [];
  for (const kind of PLACE_KINDS) {
    const asked = new Asked(nowMs);
    contenders.push({ kind, asked, place: opened.use(await openProviderPlace(kind, { asked, nowMs })), samples: [] });
  }
  for (let round = 0; round <= failovers; round += 1) {
    for (const contender of contenders) contender.samples.push(await measure(contender, round));
  }
  const results = Object.fromEntries(contenders.map((contender) => [contender.kind, summarise(contender)]));
  for (const [kind, result] of Object.entries(results)) process.stderr.write(`${kind}: ${JSON.stringify(result)}\n`);
  const builtin = results.builtin?.verifiedToConfirmedMs.p50 ?? Number.NaN;
  const ratios = Object.entries(results).map(([kind, { verifiedToConfirmedMs }]) => [
    kind,
    round1(verifiedToConfirmedMs.p50 / builtin),
  ]);
  console.log(JSON.stringify({ bench: 'provider', failovers, results, ratiosToBuiltin: Object.fromEntries(ratios) }));
}

await main(Number(process.argv[2] ?? FAILOVERS));
