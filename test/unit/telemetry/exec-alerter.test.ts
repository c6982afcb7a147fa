// Real commands that take an alert, refuse it, hang, leave children behind or print without end.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Secret } from '../../../src/base/secret.ts';
import { createSystemClock } from '../../../src/clock/system-clock.ts';
import type { AlertOutcome } from '../../../src/ports/alerter.ts';
import type { CommandOutcome, RunCommand } from '../../../src/ports/run-command.ts';
import { createRunCommand } from '../../../src/probe/run-command.ts';
import { createExecAlerter, type ExecAlerterOptions } from '../../../src/telemetry/exec-alerter.ts';
import { alertMessage } from './alert-message.ts';

const SECRET = 's3cr3t-value';
const clock = createSystemClock();
const directory = mkdtempSync(join(tmpdir(), 'oneup-exec-alerter-'));
after(() => rmSync(directory, { recursive: true, force: true }));

function alerter(script: string, change: Partial<ExecAlerterOptions> = {}) {
  return createExecAlerter({
    name: 'mail',
    command: { argv: ['/bin/sh', '-c', script], env: [['OUT', new Secret(join(directory, 'out'))]], cwd: directory },
    timeoutMs: 5_000,
    runCommand: createRunCommand({ clock }),
    parentEnv: { PATH: process.env.PATH, HOME: directory, AWS_SECRET_ACCESS_KEY: SECRET },
    clock,
    secrets: [new Secret(SECRET)],
    ...change,
  });
}

function send(script: string, change: Partial<ExecAlerterOptions> = {}): Promise<AlertOutcome> {
  return alerter(script, change).send(alertMessage(), { signal: new AbortController().signal });
}

function reasonOf(outcome: AlertOutcome): string {
  assert.ok(outcome.kind === 'failed', 'the alert was taken');
  return outcome.reason;
}

function isAlive(pid: number): boolean {
  try {
    // A killed process that nobody reaped yet is a zombie, which runs no more.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('exec alerter', () => {
  test('the command gets every field as a variable and as JSON, and nothing of the environment of oneup', async () => {
    assert.deepEqual(await send('env > "$OUT"'), { kind: 'sent' });
    const env = readFileSync(join(directory, 'out'), 'utf8');
    const lines = new Map(
      env
        .trimEnd()
        .split('\n')
        .map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]),
    );
    assert.equal(lines.get('ONEUP_ALERT_ID'), 'web:S17.proof-missing:op-7');
    assert.equal(lines.get('ONEUP_ALERT_LEVEL'), 'critical');
    assert.equal(lines.get('ONEUP_ALERT_STATE'), 'open');
    assert.equal(lines.get('ONEUP_ALERT_COUNT'), '1');
    assert.equal(lines.get('ONEUP_ALERT_TIME'), '2026-01-01T00:00:00.000Z');
    assert.equal(JSON.parse(lines.get('ONEUP_ALERT_JSON') ?? '').subject, lines.get('ONEUP_ALERT_SUBJECT'));
    assert.ok(!env.includes(SECRET));
  });

  test('a zero byte or a line break in a reason does not keep the command from running', async () => {
    const mail = alerter('printf %s "$ONEUP_ALERT_REASON" > "$OUT"');
    const outcome = await mail.send(alertMessage({ reason: 'a\0b\nc' }), { signal: new AbortController().signal });
    assert.deepEqual(outcome, { kind: 'sent' });
    assert.equal(readFileSync(join(directory, 'out'), 'utf8'), 'a b c');
  });

  test('its input is closed', async () => {
    assert.deepEqual(await send('if read -r line; then exit 1; fi'), { kind: 'sent' });
  });

  test('another exit code is a failure with its last words, without secrets', async () => {
    const reason = reasonOf(await send(`echo first; echo "no route to ${SECRET}" >&2; exit 7`));
    assert.equal(reason, '/bin/sh: Ended with exit code 7: no route to ***');
  });

  test('a command that prints without end costs no more memory than its last words', async () => {
    const reason = reasonOf(await send('head -c 20000000 /dev/zero | tr "\\0" x; exit 1'));
    assert.ok(reason.length < 400, `${reason.length} characters`);
  });

  test('a slow command is killed with its children at the time limit', async () => {
    const began = clock.monotonicMs();
    const outcome = await send('sleep 60 & echo $! > "$OUT"; sleep 60', { timeoutMs: 300 });
    assert.match(reasonOf(outcome), /^\/bin\/sh was killed with all its processes after 300ms$/);
    assert.ok(clock.monotonicMs() - began < 3_000);
    const child = Number(readFileSync(join(directory, 'out'), 'utf8'));
    while (isAlive(child)) {
      assert.ok(clock.monotonicMs() - began < 3_000, 'the child still runs');
      await pause(10);
    }
  });

  test('it ends at once when oneup does', async () => {
    const end = new AbortController();
    const outcome = alerter('sleep 60').send(alertMessage(), { signal: end.signal });
    end.abort();
    assert.match(reasonOf(await outcome), /oneup ends$/);
  });

  test('a program that does not exist is a failure with a remedy', async () => {
    writeFileSync(join(directory, 'plain'), '');
    const command = (argv: readonly string[]) => ({ command: { argv, env: [], cwd: null } });
    assert.match(reasonOf(await send('', command(['/nowhere/notify']))), /there is no such program/);
    assert.match(reasonOf(await send('', command([join(directory, 'plain')]))), /not executable/);
  });

  test('while a killed command has not gone, no other is started beside it', async () => {
    const gone = Promise.withResolvers<void>();
    let runs = 0;
    const ended: CommandOutcome = {
      kind: 'exited',
      exitCode: 0,
      signal: null,
      stdout: '',
      output: '',
      reason: '',
      durationMs: 1,
      lingering: null,
    };
    const runCommand: RunCommand = async () => {
      runs += 1;
      return runs === 1 ? { ...ended, kind: 'deadline', exitCode: null, lingering: gone.promise } : ended;
    };
    const mail = alerter('', { runCommand });
    const once = () => mail.send(alertMessage(), { signal: new AbortController().signal });
    assert.equal((await once()).kind, 'failed');
    assert.match(reasonOf(await once()), /has not gone yet/);
    assert.equal(runs, 1);
    gone.resolve();
    await gone.promise;
    assert.deepEqual(await once(), { kind: 'sent' });
  });
});
