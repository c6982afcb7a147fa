// A keeper in this process whose service is a unit of a real systemd.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createSystemClock } from '../../../src/clock/system-clock.ts';
import { judgeUnit } from '../../../src/keeper/judge-unit.ts';
import { KeptServices } from '../../../src/keeper/kept-services.ts';
import { openLog } from '../../../src/keeper/service-log.ts';
import { UnitInstance } from '../../../src/keeper/unit-instance.ts';
import type { KeptExit, SpawnAnswer, UnitAnswer } from '../../../src/ports/keeper.ts';
import { eventually, isRunning } from '../../support/keeper-bench.ts';
import { UserSystemd } from '../../support/user-systemd.ts';

export const UNIT = 'web.service';
/** Ignores SIGTERM, and leaves a daemon behind that has left its session. */
export const STUBBORN = '/bin/sh stubborn.sh';
const SCRIPT = `trap '' TERM
setsid sleep 3001 &
echo $! > daemon
echo $$ > main
while :; do sleep 1; done
`;

export class UnitWorld implements AsyncDisposable {
  readonly systemd: UserSystemd;
  readonly exits: KeptExit[] = [];
  readonly clock = createSystemClock();
  readonly #keepers: KeptServices[] = [];
  services: KeptServices;

  constructor(systemd: UserSystemd) {
    this.systemd = systemd;
    this.services = this.keeper();
  }

  /** Another keeper, as after the death of the first: it knows of nothing. */
  keeper(): KeptServices {
    const { clock, systemd } = this;
    const keeper = new KeptServices({
      ...{ clock, log: () => {}, openRoom: null, onExit: (_, exit) => this.exits.push(exit) },
      launch: () => assert.fail('no program is launched'),
      openLog: (service) => openLog(systemd.path(`${service}.log`)),
      openUnit: (unit, how, onChange) => new UnitInstance(unit, how, { clock, systemctl: systemd.systemctl, onChange }),
    });
    this.#keepers.push(keeper);
    return keeper;
  }

  spawn(aheadMs = 60_000): Promise<SpawnAnswer> {
    assert.ok(this.services.arm({ service: 'web', epoch: 1, deadlineBootMs: this.clock.bootMs() + aheadMs }));
    const what = { argv: ['systemctl', 'start', UNIT], cwd: null, env: {}, unit: UNIT };
    return this.services.spawn({ service: 'web', epoch: 1, step: 1, ...what });
  }

  /** As the keeper answers an agent that stands by. */
  judge(): Promise<UnitAnswer> {
    const isOurs = () => this.services.isKept('web');
    return judgeUnit({ systemctl: this.systemd.systemctl, unit: UNIT, isOurs });
  }

  async pids(): Promise<readonly number[]> {
    const files = ['main', 'daemon'].map((name) => this.systemd.path(name));
    await eventually(() => files.every((file) => existsSync(file) && readFileSync(file, 'utf8') !== ''), 'the unit');
    const pids = files.map((file) => Number(readFileSync(file, 'utf8')));
    assert.equal(pids.every(isRunning), true, 'all of it runs');
    return pids;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const keeper of this.#keepers) await keeper.stopAll(0);
    await this.systemd[Symbol.asyncDispose]();
    this.clock[Symbol.dispose]();
  }
}

export async function openUnitWorld(...lines: readonly string[]): Promise<UnitWorld> {
  const systemd = await UserSystemd.start();
  writeFileSync(systemd.path('stubborn.sh'), SCRIPT);
  systemd.unit(UNIT, ...lines);
  return new UnitWorld(systemd);
}
