// Units that systemd would start by itself, or that are not there, with a real systemd: found while nothing is started, told with
// what to do, and refused by a start.
import assert from 'node:assert/strict';
import { rmSync, symlinkSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type UserSystemd, whyNoSystemd } from '../support/user-systemd.ts';
import { openUnitWorld, UNIT } from './support/unit-world.ts';

const WHY_NOT = whyNoSystemd();
const SLEEP = 'ExecStart=/bin/sleep 3004';

type Row = {
  readonly what: string;
  readonly unit: readonly string[];
  readonly also?: (systemd: UserSystemd) => void;
  readonly reason: RegExp;
};

const FAULTS: readonly Row[] = [
  {
    what: 'that is enabled',
    unit: [SLEEP, '[Install]', 'WantedBy=nothing.target'],
    also: (systemd) => systemd.ask('enable', UNIT),
    reason: /web\.service is enabled: it would start by itself at boot.*systemctl disable web\.service/,
  },
  {
    what: 'that systemd would start again',
    unit: [SLEEP, 'Restart=always'],
    reason: /Restart=always: systemd would start it again.*write Restart=no/,
  },
  {
    what: 'that systemd would start again after certain ends',
    unit: [SLEEP, 'RestartForceExitStatus=7'],
    reason: /RestartForceExitStatus=7: systemd would/,
  },
  {
    what: 'that another unit wants',
    unit: [SLEEP],
    also: (systemd) => {
      systemd.file('other.service', 'Wants=web.service', '[Service]', 'ExecStart=/bin/sleep 3010');
      systemd.ask('start', 'other.service');
      systemd.ask('stop', UNIT);
    },
    reason: /web\.service is wanted by other\.service/,
  },
  {
    what: 'that a timer triggers',
    unit: [SLEEP],
    also: (systemd) => {
      systemd.file('hourly.timer', '[Timer]', 'OnActiveSec=1h', `Unit=${UNIT}`);
      systemd.ask('start', 'hourly.timer');
    },
    reason: /web\.service is triggered by hourly\.timer.*systemctl disable --now hourly\.timer/,
  },
  {
    what: 'whose socket is enabled and not yet there',
    unit: [SLEEP],
    also: (systemd) => {
      const listen = ['[Socket]', `ListenStream=${systemd.path('web.sock')}`];
      systemd.file('web.socket', ...listen, '[Install]', 'WantedBy=nothing.target');
      systemd.ask('enable', 'web.socket');
    },
    reason: /web\.service is triggered by web\.socket/,
  },
  {
    what: 'that does not exist',
    unit: [SLEEP],
    also: (systemd) => {
      rmSync(systemd.path(`.config/systemd/user/${UNIT}`));
      systemd.ask('daemon-reload');
    },
    reason: /systemd has no unit web\.service/,
  },
  {
    what: 'that is masked',
    unit: [SLEEP],
    also: (systemd) => {
      const file = systemd.path(`.config/systemd/user/${UNIT}`);
      rmSync(file);
      symlinkSync('/dev/null', file);
      systemd.ask('daemon-reload');
    },
    reason: /web\.service is masked.*systemctl unmask/,
  },
];

describe('a unit of a standby is looked at before its first start, and not started', { skip: WHY_NOT ?? false }, () => {
  for (const { what, unit, also, reason } of FAULTS)
    test(what, async () => {
      await using world = await openUnitWorld(...unit);
      also?.(world.systemd);
      assert.match(JSON.stringify(await world.judge()), reason);
      assert.match(JSON.stringify(await world.spawn()), reason);
      assert.notEqual(world.systemd.ask('is-active', UNIT).said, 'active');
    });

  test('what is off for good is no fault: a timer that is neither enabled nor runs', async () => {
    await using world = await openUnitWorld(SLEEP);
    world.systemd.file('web.timer', '[Timer]', 'OnActiveSec=1h');
    for (const _ of [1, 2]) assert.deepEqual(await world.judge(), { kind: 'fit' });
    assert.equal((await world.spawn()).kind, 'spawned');
    assert.deepEqual(await world.judge(), { kind: 'fit' }, 'ours may run');
  });

  test('one that runs and that nobody here has started is told', async () => {
    await using world = await openUnitWorld(SLEEP);
    world.systemd.ask('start', UNIT);
    assert.match(JSON.stringify(await world.judge()), /web\.service is active already, and nobody here started it/);
  });
});
