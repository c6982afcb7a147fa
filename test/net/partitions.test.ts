// Partitions on a real network: three probers with a member of etcd each, two nodes, a witness and a fence device, every one in a
// network namespace of its own. After each scenario the journals, the guards and the lives of all instances are judged.
import { test } from 'node:test';
import { whyNoNamespaces } from './support/namespaces.ts';
import { playScenario } from './support/play-scenario.ts';
import { SCENARIOS } from './support/scenarios.ts';

const reason = whyNoNamespaces();

for (const scenario of SCENARIOS) {
  test(scenario.name, async (t) => {
    if (reason !== null) return t.skip(reason);
    process.stdout.write(`${await playScenario(scenario)}\n`);
  });
}
