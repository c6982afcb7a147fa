// The file of an agent: what is accepted, and each mistake in the words of the big configuration.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseAgentFile } from '../../../src/config/agent-file.ts';
import { formatProblems } from '../../../src/config/format-problems.ts';
import { configInput, TEST_SECRET } from '../../support/config-input.ts';

const WHOLE = `cluster: prod
agent: a
probers: [https://192.0.2.10:7800, "https://[2001:db8::1]"]
token: \${file:/etc/oneup/token}
`;

const JOB = `  - id: report
    service: web
    schedule: "17 3 * * 1-5"
    command: [/opt/web/report, 010]
    env: { TOKEN: "\${file:/etc/oneup/token}" }
`;
const JOBS = `jobs:\n${JOB}`;

function parse(text: string) {
  return parseAgentFile(text, configInput('agent.yaml'));
}

function problems(text: string): string {
  const parsed = parse(text);
  assert.ok(!parsed.ok, 'it was accepted');
  const said = formatProblems(parsed.error);
  assert.ok(!said.includes(TEST_SECRET), 'the message holds the token');
  return said;
}

describe('parseAgentFile', () => {
  test('a whole file: addresses in order, a port that is understood, a token that does not print', () => {
    const parsed = parse(WHOLE);
    assert.ok(parsed.ok, parsed.ok ? '' : formatProblems(parsed.error));
    const { probers, tls, token, stateDir, watchdog, jobs } = parsed.value;
    assert.deepEqual(jobs, []);
    assert.deepEqual(probers, [
      { host: '192.0.2.10', port: 7800 },
      { host: '2001:db8::1', port: 443 },
    ]);
    assert.deepEqual(
      { tls, stateDir, watchdog },
      { tls: { ca: null, serverName: null }, stateDir: '/var/lib/oneup-agent', watchdog: null },
    );
    assert.doesNotMatch(`${JSON.stringify(parsed.value)} ${token}`, /s3cr3t/);
    assert.ok(Object.isFrozen(parsed.value));
  });

  test('plain HTTP is for loopback alone, and a relative directory is beside the file', () => {
    const parsed = parse(
      WHOLE.replace(/probers: .*/, 'probers: ["http://127.0.0.1:7800", "http://[::1]:7801"]\nstateDir: state'),
    );
    assert.ok(parsed.ok);
    assert.equal(parsed.value.tls, null);
    assert.equal(parsed.value.stateDir, '/etc/oneup/state');
  });

  test('jobs: everything that is not written has a default, and values of variables do not print', () => {
    const parsed = parse(`${WHOLE}${JOBS}`);
    assert.ok(parsed.ok, parsed.ok ? '' : formatProblems(parsed.error));
    const [job] = parsed.value.jobs;
    assert.deepEqual(
      { ...job, command: { ...job?.command, env: job?.command.env.map(([name, value]) => [name, value.reveal()]) } },
      {
        ...{ id: 'report', service: 'web', schedule: '17 3 * * 1-5', timeZone: 'UTC', timeoutMs: 3_600_000 },
        ...{ onLoss: 'kill', missed: 'report' },
        command: { argv: ['/opt/web/report', '010'], env: [['TOKEN', TEST_SECRET]], cwd: null },
      },
    );
    assert.doesNotMatch(JSON.stringify(parsed.value), /s3cr3t/);
  });

  const jobMistakes: readonly (readonly [string, string, string, RegExp])[] = [
    ['a pattern with too few fields', '17 3 * * 1-5', '17 3 * *', /jobs\[0\]\.schedule.*5 or 6 fields, this one has 4/],
    ['a pattern that fits nothing', '17 3 * * 1-5', '0 0 30 2 *', /jobs\[0\]\.schedule.*no instant fits/],
    ['a nickname', '17 3 * * 1-5', '@daily', /jobs\[0\]\.schedule.*5 or 6 fields/],
    [
      'a zone that is none',
      'env:',
      'timeZone: Europe/Nowhere\n    env:',
      /jobs\[0\]\.timeZone.*no time zone of this name/,
    ],
    ['an offset as a zone', 'env:', 'timeZone: "+01:00"\n    env:', /jobs\[0\]\.timeZone.*expected the name/],
    ['no command', '[/opt/web/report, 010]', '[]', /jobs\[0\]\.command/],
    ['an empty program', '[/opt/web/report, 010]', '[""]', /jobs\[0\]\.command\[0\].*no program/],
    ['a secret among arguments', '010', '"${file:/etc/oneup/token}"', /jobs\[0\]\.command\[1\].*visible to every user/],
    ['a variable of ours', 'TOKEN:', 'ONEUP_EPOCH:', /jobs\[0\]\.env\.ONEUP_EPOCH.*set by oneup/],
    ['a variable that is none', 'TOKEN:', '"A B":', /jobs\[0\].*not a name of an environment variable/],
    ['another overlap', 'env:', 'overlap: queue\n    env:', /jobs\[0\]\.overlap.*expected skip/],
    ['another end', 'env:', 'onLoss: wait\n    env:', /jobs\[0\]\.onLoss.*expected kill or finish/],
    ['another way to miss', 'env:', 'missed: all\n    env:', /jobs\[0\]\.missed.*expected report or run-once/],
    ['a timeout that is none', 'env:', 'timeout: 0s\n    env:', /jobs\[0\]\.timeout.*expected a duration from 1s/],
    ['an id that would be a path', 'id: report', 'id: ../report', /jobs\[0\]\.id/],
    ['an unknown key', 'env:', 'cron: x\n    env:', /jobs\[0\].*cron/],
    ['no service', 'service: web\n    ', '', /jobs\[0\]\.service/],
  ];
  for (const [name, find, replace, message] of jobMistakes)
    test(`refuses a job with ${name}`, () => {
      assert.ok(JOBS.includes(find));
      assert.match(problems(WHOLE + JOBS.replace(find, () => replace)), message);
    });

  test('refuses two jobs of one name, and more than a keeper has room for', () => {
    assert.match(problems(`${WHOLE}${JOBS}${JOB}`), /jobs\[1\]\.id.*jobs\[0\] has the same id/);
    const many = Array.from({ length: 65 }, (_, index) => JOB.replace('id: report', `id: report-${index}`)).join('');
    assert.match(problems(`${WHOLE}jobs:\n${many}`), /jobs.*64/);
  });

  const mistakes: readonly (readonly [string, string, string, RegExp])[] = [
    [
      'plain HTTP over the network',
      '[https://192.0.2.10:7800, "https://[2001:db8::1]"]',
      '["http://192.0.2.10:7800"]',
      /agent\.yaml:3:.*probers\[0\].*https: the token must not be read/,
    ],
    [
      'a host that only begins like loopback',
      '[https://192.0.2.10:7800, "https://[2001:db8::1]"]',
      '["http://127.example.com:7800"]',
      /the token must not be read/,
    ],
    [
      'plain beside closed',
      '"https://[2001:db8::1]"',
      '"http://127.0.0.1:7800"',
      /probers\[1\].*as for the other probers/,
    ],
    ['no address', 'https://192.0.2.10:7800', 'prober-1', /probers\[0\].*expected/],
    ['a path', 'https://192.0.2.10:7800', 'https://192.0.2.10:7800/v1', /no more than scheme, host and port/],
    ['a password', 'https://192.0.2.10:7800', 'https://u:p@192.0.2.10:7800', /no more than scheme, host and port/],
    ['no prober', '[https://192.0.2.10:7800, "https://[2001:db8::1]"]', '[]', /probers/],
    ['no token', 'token: ${file:/etc/oneup/token}\n', '', /token/],
    ['a token that cannot be read', '/etc/oneup/token', '/etc/oneup/gone', /it does not exist/],
    ['a token that others may read', '/etc/oneup/token', '/etc/oneup/open', /token/],
    ['an unknown key', 'agent: a', 'agent: a\nstatedir: /x', /Did you mean stateDir/],
    ['a name that is none', 'agent: a', 'agent: "a b"', /agent/],
    ['no YAML', 'cluster: prod', 'cluster: [prod', /agent\.yaml:/],
    ['a list', WHOLE, '- a\n', /agent\.yaml:1/],
    ['nothing', WHOLE, '', /agent\.yaml/],
  ];
  for (const [name, find, replace, message] of mistakes)
    test(`refuses ${name}`, () => {
      assert.ok(WHOLE.includes(find));
      assert.match(problems(WHOLE.replace(find, () => replace)), message);
    });

  test('refuses a text that is too long before it is read', () => {
    assert.match(problems(`${WHOLE}# ${'x'.repeat(70_000)}\n`), /longer than 65536 characters/);
  });
});

test('the configuration of the cluster is called by its name, with the commands that read it', () => {
  const told = problems('cluster: { name: prod }\nservices: {}\n');
  assert.match(told, /^agent\.yaml:1:1: .*this is the configuration of a cluster/);
  assert.match(told, /oneup check-config/);
});
