// How many checks a core does: http and tcp on one real server on loopback, by oneup and by prometheus-blackbox-exporter,
// which does the same look for each request to its /probe. Both in one run, since absolute numbers say more about the machine
// than the code. Usage: node bench/probe.ts [checks of a round] [rounds]. The last line is JSON.
import { startBlackbox } from './probe/blackbox.ts';
import { type Contender, type Kind, measureRound, type Round } from './probe/measure-round.ts';
import { startProbeProcess } from './probe/probe-process-handle.ts';
import { startTargets } from './probe/targets.ts';

const KINDS: readonly Kind[] = ['http', 'tcp'];
const CHECKS = 2_000;
const ROUNDS = 3;

/** Best of several rounds: other work on the machine can only make a round slower. */
function best(rounds: readonly Round[]): Round {
  const [first] = [...rounds].sort((a, b) => a.cpuMicrosPerCheck - b.cpuMicrosPerCheck);
  if (first === undefined) throw new RangeError('Cannot choose a round: there is none');
  return first;
}

async function main(checks: number, rounds: number): Promise<void> {
  await using targets = await startTargets();
  await using oneup = await startProbeProcess();
  await using blackbox = await startBlackbox();
  const contenders: readonly Contender[] = [oneup, ...(blackbox === null ? [] : [blackbox])];
  const results: Record<string, Record<string, Round>> = {};
  const ratios: Record<string, number | null> = {};
  for (const kind of KINDS) {
    const seen = new Map(contenders.map(({ name }) => [name, [] as Round[]]));
    for (let round = 0; round < rounds; round += 1) {
      for (const contender of contenders) {
        const measured = await measureRound(contender, { kind, port: targets.ports[kind], checks });
        seen.get(contender.name)?.push(measured);
        process.stderr.write(`${kind} ${contender.name}: ${JSON.stringify(measured)}\n`);
      }
    }
    const chosen = Object.fromEntries([...seen].map(([name, list]) => [name, best(list)]));
    results[kind] = chosen;
    const [own, other] = [chosen.oneup, chosen.blackbox];
    ratios[kind] = own && other ? Math.round((100 * other.cpuMicrosPerCheck) / own.cpuMicrosPerCheck) / 100 : null;
  }
  console.log(JSON.stringify({ bench: 'probe', checks, rounds, results, cpuOfBlackboxToOurs: ratios }));
}

await main(Number(process.argv[2] ?? CHECKS), Number(process.argv[3] ?? ROUNDS));
