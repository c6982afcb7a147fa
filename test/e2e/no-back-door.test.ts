// Fault points are for tests: the product has no flag, no environment variable and no configuration key that reaches the
// wrappers of its store and ports. Looked for in its text, and tried on the running program.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isTypeScript, readTree } from '../support/house/source-tree.ts';
import { Cluster } from './support/cluster.ts';
import { PROBERS } from './support/cluster-files.ts';
import { hitBy, setFault } from './support/fault-point.ts';

const PRODUCT = readTree(['src', 'providers'], isTypeScript);
const WRAPPER = /\bwrap(?:Ports|Store)\b/g;
/** Where the wrappers are declared, and where they are called when there are any. */
const USES: Readonly<Record<string, readonly string[]>> = {
  'src/cli/app-deps.ts': ['wrapPorts', 'wrapPorts', 'wrapStore'],
  'src/cli/open-store.ts': ['wrapStore'],
  'src/cli/incarnation.ts': ['wrapPorts'],
};

/** Whatever a curious operator might try. */
const JUNK_ENV = {
  ONEUP_WRAP_PORTS: '1',
  ONEUP_WRAP_STORE: '1',
  ONEUP_FAULT: 'fault.json',
  ONEUP_KILL_POINT: 'START_NEW',
  ONEUP_TEST: '1',
  NODE_ENV: 'test',
};

describe('no way into the fault points', () => {
  test('only the wiring knows the wrappers, and nothing in the product sets one', () => {
    const found = PRODUCT.flatMap(({ path, text }) => {
      const names = text.match(WRAPPER) ?? [];
      return names.length === 0 ? [] : [[path, names] as const];
    });
    assert.deepEqual(Object.fromEntries(found), USES);
    const written = PRODUCT.filter(({ text }) =>
      /\bwrap(?:Ports|Store)\s*[:=][^:=]/.test(text.replaceAll('readonly ', '')),
    );
    assert.deepEqual(
      written.map(({ path }) => path),
      [],
    );
    assert.ok(!PRODUCT.some(({ text }) => /from '[./]*test\//.test(text)), 'the product imports nothing of its tests');
  });

  test('flags and configuration keys of that kind are refused', async () => {
    await using cluster = await Cluster.create();
    for (const flag of ['--wrap-ports', '--fault', '--kill-point']) {
      const { code, stderr } = await cluster.oneup('run', '--prober', 'p1', flag, 'START_NEW');
      assert.equal(code, 1);
      assert.match(stderr, /unknown option/);
    }
    await using other = await Cluster.create();
    const { code, stdout } = await withKey(other, 'wrapPorts: true');
    assert.equal(code, 1, stdout);
    assert.match(stdout, /unknown key "wrapPorts"/);
  });

  test('the program runs through every phase with a fault set and an environment full of hints', async () => {
    await using cluster = await Cluster.create();
    for (const prober of PROBERS) cluster.start(prober, JUNK_ENV);
    await cluster.ready();
    const faults = (['before', 'after'] as const).map((when) => ({
      id: when,
      at: { kind: 'effect', phase: 'START_NEW', when } as const,
      signal: 'SIGKILL' as const,
    }));
    for (const fault of faults) {
      setFault(cluster.directory, fault);
      const { active } = await cluster.service();
      const to = active === 'a' ? 'b' : 'a';
      await cluster.accepted({ kind: 'switchover', from: active, to, reason: 'through every phase' });
      await cluster.settled(to);
      assert.equal(hitBy(cluster.directory), null);
      for (const prober of PROBERS) assert.ok(cluster.prober(prober).isRunning());
    }
  });
});

async function withKey(
  cluster: Cluster,
  line: string,
): Promise<{ readonly code: number | null; readonly stdout: string }> {
  cluster.editConfig(['cluster:\n', `cluster:\n  ${line}\n`]);
  return await cluster.oneup('check-config');
}
