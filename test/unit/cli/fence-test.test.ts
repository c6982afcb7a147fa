// Asking the fence devices of a node from one prober: each level has its answer within a bound, whatever its device does, one
// test runs at a time, and no command of a level is ever run.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { createFenceTest } from '../../../src/cli/fence-test.ts';
import type { Config } from '../../../src/config/config.ts';
import type { Runner } from '../../../src/nodes/exec/start-runner.ts';
import { acceptedConfig } from '../../support/config-text.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const directory = mkdtempSync(join(tmpdir(), 'oneup-fence-test-'));
after(() => rmSync(directory, { recursive: true }));
const FIRED = join(directory, 'fired');

const LEVEL = (script: string, offStates = '["off"]') =>
  `        - { exec: [touch, ${FIRED}], confirm: { exec: [sh, -c, ${JSON.stringify(script)}], timeout: 60s, offStates: ${offStates} } }`;

function configWith(...levels: readonly string[]): Config {
  return acceptedConfig(`cluster:
  name: demo
  store: { kind: sqlite, path: var/oneup.db }
  probers: [{ id: p1, vantage: here, address: 127.0.0.1 }]
dns:
  listen: 127.0.0.1:5300
  zones: [{ name: ha.example.com, ns: [p1], hostmaster: ops.example.com }]
services:
  web:
    record: { name: web.ha.example.com }
    nodes: [{ id: a, address: 127.0.0.1 }, { id: b, address: 127.0.0.2 }]
    check: { http: "http://{address}:8080/" }
    actions:
      start: { exec: [start-web] }
      fence:
${levels.join('\n')}
`);
}

function openTest(config: Config) {
  const clock = createFakeClock();
  const life = new AbortController();
  const ask = createFenceTest({
    ...{ prober: 'p1', config, clock, generation: 3, signal: life.signal },
    runner: {} as Runner,
    parentEnv: { PATH: process.env.PATH },
    positionOf: () => ({ epoch: 5, step: 7 }),
  });
  const [service] = config.services;
  const [node] = service?.nodes ?? [];
  assert.ok(service !== undefined && node !== undefined);
  const askAll = () => ask({ service, node, levels: node.actions.fence.map((_, index) => index + 1) });
  return { clock, life, askAll };
}

describe('createFenceTest', () => {
  test('tells off, not off and unknown apart, by level, and fires nothing', async () => {
    const said = 'echo $ONEUP_ACTION $ONEUP_NODE $ONEUP_GENERATION $ONEUP_EPOCH $ONEUP_STEP';
    const byExit = `        - { exec: [touch, ${FIRED}], confirmedByExit: true }`;
    const levels = [LEVEL('echo off'), LEVEL(said), LEVEL('echo off; exit 1'), LEVEL('true'), byExit];
    const { prober, levels: answers } = await openTest(configWith(...levels)).askAll();
    assert.equal(prober, 'p1');
    assert.deepEqual(
      answers.map(({ level, driver, state }) => [level, driver, state]),
      [
        [1, 'exec', 'off'],
        [2, 'exec', 'notOff'],
        [3, 'exec', 'unknown'],
        [4, 'exec', 'unknown'],
        [5, 'none', 'unknown'],
      ],
    );
    const reasons = answers.map(({ reason }) => reason);
    assert.match(reasons[1] ?? '', /says "fence-confirm a 3 5 7"/);
    assert.match(reasons[2] ?? '', /exit code 1/);
    assert.match(reasons[3] ?? '', /printed nothing/);
    assert.match(reasons[4] ?? '', /no confirm query/);
    assert.ok(!existsSync(FIRED), 'a command of a level was run');
  });

  test('a device that hangs is unknown after 20 s, and only then is there a next test', async () => {
    const { clock, askAll } = openTest(configWith(LEVEL('exec sleep 600')));
    const asked = askAll();
    await assert.rejects(askAll(), { code: 'ONEUP_USAGE', message: /another test is running here, value was web\/a/ });
    await clock.advance(20_000);
    const { levels } = await asked;
    assert.equal(levels[0]?.state, 'unknown');
    assert.ok((levels[0]?.durationMs ?? 0) < 60_000, 'the bound of the test comes before that of the query');
    const again = askAll();
    await clock.advance(20_000);
    assert.equal((await again).levels[0]?.state, 'unknown');
  });

  test('ends with the life of the prober', async () => {
    const { life, askAll } = openTest(configWith(LEVEL('exec sleep 600')));
    const asked = askAll();
    life.abort();
    assert.equal((await asked).levels[0]?.state, 'unknown');
  });
});
