// What the command line refuses before anybody is asked, with the words that say how it is meant. No prober runs here.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { addOverrides } from '../../../src/cli/parse-overrides.ts';
import { runCli } from '../../../src/cli/program.ts';
import { OVERRIDABLE } from '../../../src/failover/overrides.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const directory = mkdtempSync(join(tmpdir(), 'oneup-usage-'));
after(() => rmSync(directory, { recursive: true }));

async function run(...argv: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  let text = '';
  const say = (more: string) => {
    text += `${more}\n`;
  };
  const code = await runCli([...argv, '--socket', join(directory, 'nobody.sock')], {
    console: { out: say, err: say, isInteractive: false },
    clock: createFakeClock(),
    parentEnv: {},
    actor: 'ann',
    pid: 1,
    uniqueId: () => 'id',
    signal: new AbortController().signal,
  });
  return { code, text };
}

describe('usage', () => {
  for (const [line, expected] of [
    ['run --no-keeper', /Cannot run: --no-keeper goes with --agent/],
    ['freeze on web', /Cannot freeze: --reason is missing/],
    ['freeze maybe web --reason x', /expected on or off, value was maybe/],
    ['freeze off', /expected its name or --all, value was neither of them/],
    ['freeze off web --all', /value was web and --all/],
    ['maintenance on --all', /--reason is missing/],
    ['maintenance on --all --node a --reason x', /--all and --node, value was a/],
    ['maintenance on web --reason x --for 5', /Cannot read --for: .*value was 5/],
    ['gate shut web night --reason x', /expected open or close, value was shut/],
    ['gate open web night', /required option '--reason <text>'/],
    ['failover web --reason x', /required option '--to <node>'/],
    ['failover web --to b', /required option '--reason <text>'/],
    [
      'failover web --to b --reason x --override proof',
      /value was proof\nRemedy: .*readiness \(S32\.precheck-failed\)/,
    ],
    ['failover web --to b --reason x --override lag,', /value was empty/],
    ['failover web --to b --reason x --override toString', /value was toString/],
    ['switchover web --at tomorrow', /value was tomorrow\nRemedy: .*2027-03-01T02:30:00Z/],
    ['switchover web --at 2027-03-01T02:30', /a date needs a time and a zone/],
    ['switchover web --at 02:30 --no-ttl-wait', /--no-ttl-wait goes with a switchover that begins now/],
    ['switchover web --cancel --to b', /--cancel stands alone/],
    ['drill web --check --live', /exclude each other/],
    ['drill web --hold 5m', /--to and --hold go with --live/],
    ['drill web --live --hold soon', /--hold: .*value was soon/],
    ['plan web --save x --snapshot y', /exclude each other/],
    ['test-fence web', /required option '--node <node>'/],
    ['test-fence web --node b --level 0', /expected a number from 1 to 8/],
    ['test-fence web --node b --fire --status-only', /--status-only goes with neither --fire nor --dry-run/],
    ['repair web --node a', /required option '--reason <text>'/],
  ] as const) {
    test(line, async () => {
      const { code, text } = await run(...line.split(' '));
      assert.equal(code, 1, text);
      assert.match(text, expected);
    });
  }

  test('what can be understood is passed on, and nobody is there to take it', async () => {
    for (const line of ['failover web --to b --reason x --override lag,gate', 'freeze on --all --reason x', 'ack web'])
      assert.equal((await run(...line.split(' '))).code, 6, line);
  });

  test('--version is the version, and a missing file is named with its folder', async () => {
    const [version, option] = [await run('version'), await run('--version')];
    assert.deepEqual([version.code, option.code, option.text], [0, 0, version.text]);
    const { code, text } = await run('init', '-c', join(directory, 'nothing', 'oneup.yaml'));
    assert.equal(code, 1);
    assert.match(text, /there is no oneup\.yaml in \S+\/nothing\nRemedy: Change to its folder, or name it with -c/);
  });

  test('every rule that may be set aside has a short word, and its own name', () => {
    const words =
      'readiness,standby,lag,cooldown,budget,mass-failure,failures,assertion,gate,quorum,reach,drift,dns-newer,dns-write';
    assert.deepEqual([...addOverrides(words, [])].sort(), [...OVERRIDABLE].sort());
    assert.deepEqual(addOverrides(OVERRIDABLE.join(), []), OVERRIDABLE);
    assert.deepEqual(addOverrides('gate , lag', ['gate.closed']), ['gate.closed', 'candidate.lagging']);
  });

  test('the help of oneup shows every command in a group of its own kind', async () => {
    const { text } = await run('--help');
    const [, rest = ''] = text.split('\nCommands:\n');
    assert.match(rest.trim(), /^help \[command\] .*$/, 'only help itself is in no group');
    assert.match(text, /\nMove a service, or take it over:\n {2}switchover /);
  });

  test('check-config takes its file with and without -c', async () => {
    const file = new URL('../../../config/minimal.yaml', import.meta.url).pathname;
    for (const argv of [[file], ['-c', file]]) {
      const { code, text } = await run('check-config', ...argv);
      assert.equal(code, 0, text);
      assert.match(text, /minimal\.yaml is valid: 1 prober, 1 service/);
    }
  });

  test('every command has an example in its help', async () => {
    for (const name of [
      'run',
      'check-config',
      'failover',
      'switchover',
      'drill',
      'abort',
      'freeze',
      'gate',
      'ack',
      'incident',
      'simulate',
      'test-fence',
    ])
      assert.match((await run(name, '--help')).text, new RegExp(`Examples?:\n  oneup ${name} `), name);
  });

  test('a snapshot that is none, or of another service, is refused with what is wrong', async () => {
    const file = join(directory, 'plan.json');
    const attempts: readonly (readonly [text: string, expected: RegExp])[] = [
      ['not json', /it is not JSON/],
      ['{}', /format/],
      [JSON.stringify({ format: 'oneup-plan-1', rules: { id: 7 } }), /rules\.id/],
    ];
    for (const [text, expected] of attempts) {
      writeFileSync(file, text);
      const { code, text: said } = await run('simulate', '--snapshot', file);
      assert.equal(code, 1);
      assert.match(said, expected);
    }
    assert.match((await run('simulate', '--snapshot', join(directory, 'gone.json'))).text, /Cannot read snapshot/);
  });
});
