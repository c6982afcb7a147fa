// Why a systemd unit must not be the one that oneup starts: systemd would start it as well, by itself and beside a node that is
// active elsewhere, or there is no such unit. Asked before each start, and now and then while nothing is started.
import type { UnitFault } from '../ports/keeper.ts';
import { askSystemctl, propertiesOf, type UnitState } from './unit-control.ts';

export type UnitQuestion = {
  /** Path of systemctl. */
  readonly systemctl: string;
  readonly unit: string;
  /** The keeper started it, so that it may run. */
  readonly isOurs: boolean;
};

/** null: none. Never rejects. */
export async function findUnitFault(question: UnitQuestion, state: UnitState): Promise<UnitFault | null> {
  return faultOfFile(question.unit, state) ?? (await faultOfTriggers(question, state)) ?? faultOfState(question, state);
}

function faultOfFile(unit: string, { load, file, restart, restartForced, startedBy }: UnitState): UnitFault | null {
  if (load === 'masked') return fault(`${unit} is masked`, `systemctl unmask ${unit}`);
  if (load === 'not-found') return fault(`systemd has no unit ${unit}`, 'install it, then systemctl daemon-reload');
  if (load !== 'loaded') return fault(`systemd cannot load ${unit}: ${load}`, `see systemctl status ${unit}`);
  if (file.startsWith('enabled'))
    return fault(
      `${unit} is ${file}: it would start by itself at boot, beside another node that is active`,
      `systemctl disable ${unit}`,
    );
  if (restart !== 'no' && restart !== '')
    return fault(
      `${unit} has Restart=${restart}: systemd would start it again after it was killed`,
      'write Restart=no, then systemctl daemon-reload',
    );
  if (restartForced !== '')
    return fault(
      `${unit} has RestartForceExitStatus=${restartForced}: systemd would start it again by itself`,
      'take the line out, then systemctl daemon-reload',
    );
  if (startedBy.length > 0)
    return fault(
      `${unit} is wanted by ${startedBy.join(', ')}: it would start with it`,
      `take ${unit} out of its Wants=, Requires=, BindsTo=, Upholds=, OnFailure= and OnSuccess=, then systemctl daemon-reload`,
    );
  return null;
}

/**
 * What is loaded and triggers it, and the timer, the socket and the path of its own name, which may be enabled for the next boot
 * and not be loaded now.
 */
async function faultOfTriggers(
  { systemctl, unit }: UnitQuestion,
  { triggeredBy }: UnitState,
): Promise<UnitFault | null> {
  const stem = unit.replace(/\.service$/, '');
  const names = new Set([...triggeredBy, ...['timer', 'socket', 'path'].map((kind) => `${stem}.${kind}`)]);
  const shown = await askSystemctl(systemctl, ['show', '-p', 'Id,ActiveState,UnitFileState', '--', ...names]);
  if (!shown.ok) return silent(unit, shown.error);
  const starters = shown.value.split('\n\n').flatMap((text) => {
    const values = propertiesOf(text);
    const active = values.get('ActiveState') ?? 'inactive';
    const isOn = active !== 'inactive' && active !== 'failed';
    return isOn || values.get('UnitFileState')?.startsWith('enabled') ? [values.get('Id') ?? ''] : [];
  });
  if (starters.length === 0) return null;
  const list = starters.join(' ');
  return fault(`${unit} is triggered by ${list}: it would start by itself`, `systemctl disable --now ${list}`);
}

function faultOfState({ unit, isOurs }: UnitQuestion, { active }: UnitState): UnitFault | null {
  if (isOurs || active === 'inactive' || active === 'failed') return null;
  return fault(`${unit} is ${active} already, and nobody here started it`, `systemctl stop ${unit}`);
}

export function silent(unit: string, error: string): UnitFault {
  return fault(`systemd does not say what ${unit} is: ${error}`, `see systemctl status ${unit} on the node`);
}

function fault(reason: string, remedy: string): UnitFault {
  return { reason, remedy };
}
