// What systemd says and does about one unit. Killing goes by its control group as well, which needs nobody to answer.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result } from '../base/result.ts';

export type UnitState = {
  /** loaded, not-found, masked, bad-setting ... */
  readonly load: string;
  /** inactive, active, activating, deactivating, failed ... */
  readonly active: string;
  /** enabled, disabled, static ... */
  readonly file: string;
  readonly restart: string;
  /** Exits after which it is started again whatever Restart= says. */
  readonly restartForced: string;
  /** Units that are loaded and start it when they start, run, fail or end. */
  readonly startedBy: readonly string[];
  /** Timers, sockets and paths that are loaded and start it. */
  readonly triggeredBy: readonly string[];
  readonly slice: string;
  readonly mainPid: number | null;
  readonly controlGroup: string | null;
  readonly exitStatus: number | null;
};

/** systemd answers in milliseconds; one that does not is one of which nothing is known. */
const ANSWER_MAX_MS = 5_000;
/** As systemd.unit(5) names what the start of another unit does to this one, from its own side. */
const STARTERS = ['WantedBy', 'RequiredBy', 'BoundBy', 'UpheldBy', 'OnFailureOf', 'OnSuccessOf'] as const;
const PROPERTIES = [
  ...['LoadState', 'ActiveState', 'UnitFileState', 'Restart', 'RestartForceExitStatus', 'TriggeredBy', ...STARTERS],
  ...['Slice', 'MainPID', 'ControlGroup', 'ExecMainStatus'],
].join();
/** Where control groups are: the one hierarchy of today, or one of systemd's own beside others. */
const ROOTS = ['/sys/fs/cgroup/systemd', '/sys/fs/cgroup/unified', '/sys/fs/cgroup'];

/** Runs systemctl to its end; the error is what it said. Never rejects. */
export function askSystemctl(
  systemctl: string,
  args: readonly string[],
  { timeoutMs = ANSWER_MAX_MS, env = {} }: { timeoutMs?: number; env?: Readonly<Record<string, string>> } = {},
): Promise<Result<string, string>> {
  return new Promise((resolve) => {
    const options = { timeout: timeoutMs, killSignal: 'SIGKILL', env: { ...env }, cwd: '/' } as const;
    execFile(systemctl, [...args], options, (error, stdout, stderr) => {
      if (error === null) return resolve(ok(stdout));
      resolve(err(error.killed === true ? 'systemctl does not answer' : stderr.trim() || error.message));
    });
  });
}

export async function showUnit(systemctl: string, unit: string): Promise<Result<UnitState, string>> {
  const shown = await askSystemctl(systemctl, ['show', '-p', PROPERTIES, '--', unit]);
  if (!shown.ok) return shown;
  const values = propertiesOf(shown.value);
  const active = values.get('ActiveState');
  if (active === undefined) return err('systemctl says nothing about ActiveState');
  return ok({
    load: values.get('LoadState') ?? '',
    active,
    file: values.get('UnitFileState') ?? '',
    restart: values.get('Restart') ?? '',
    restartForced: values.get('RestartForceExitStatus') ?? '',
    startedBy: [...new Set(STARTERS.flatMap((name) => wordsOf(values.get(name))))],
    triggeredBy: wordsOf(values.get('TriggeredBy')),
    slice: values.get('Slice') ?? '',
    mainPid: positive(values.get('MainPID')),
    controlGroup: values.get('ControlGroup') || null,
    exitStatus: values.has('ExecMainStatus') ? Number(values.get('ExecMainStatus')) : null,
  });
}

/** Lines of `systemctl show`, by their name. */
export function propertiesOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)] as const;
    }),
  );
}

/** Where systemd will put the processes of a unit that does not run yet; null when it does not say. */
export async function foreseeGroup(systemctl: string, unit: string, slice: string): Promise<string | null> {
  const shown = await askSystemctl(systemctl, ['show', '-p', 'ControlGroup']);
  const root = shown.ok ? propertiesOf(shown.value).get('ControlGroup') : undefined;
  return root === undefined ? null : join(root, slicePath(slice), unit);
}

/** systemd.slice(5): each dash is a step down, and -.slice is the top. */
function slicePath(slice: string): string {
  const parts = slice.replace(/\.slice$/, '').split('-');
  if (parts.every((part) => part === '')) return '';
  return join(...parts.map((_, index) => `${parts.slice(0, index + 1).join('-')}.slice`));
}

/** Processes of a control group and of those below it; empty where there is no such group. */
export function processesIn(controlGroup: string): readonly number[] {
  const found = new Set<number>();
  for (const root of ROOTS) for (const pid of walk(join(root, controlGroup))) found.add(pid);
  return [...found];
}

function walk(folder: string): readonly number[] {
  try {
    if (!existsSync(join(folder, 'cgroup.procs'))) return [];
    const own = readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
    const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [...own, ...below.flatMap(({ name }) => walk(join(folder, name)))];
  } catch {
    // It went away between two looks, as groups do when they are empty.
    return [];
  }
}

/** SIGKILL to a control group as a whole where the kernel can, and to each process of it. */
export function killGroup(controlGroup: string): void {
  for (const root of ROOTS) {
    const file = join(root, controlGroup, 'cgroup.kill');
    try {
      // Never made: where it is missing, the kernel or the hierarchy is older (cgroups(7), "cgroup.kill").
      if (existsSync(file)) writeFileSync(file, '1', { flag: 'r+' });
    } catch {
      // The group went away in between.
    }
  }
  for (const pid of processesIn(controlGroup)) killProcess(pid);
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // ESRCH: it ended between the look and the signal.
  }
}

function wordsOf(text: string | undefined): readonly string[] {
  return (text ?? '').split(' ').filter(Boolean);
}

function positive(text: string | undefined): number | null {
  const value = Number(text);
  return Number.isSafeInteger(value) && value > 0 ? value : null;
}
