// A real systemd for a test: a user instance that knows nothing but the units of the test, in control groups and with files of its
// own. The rest of the machine is read-only to it, because systemd tidies up wherever it may.
import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { processesIn } from '../../src/keeper/unit-control.ts';
import { eventually, isRunning } from './keeper-bench.ts';

const SYSTEMD = '/lib/systemd/systemd';
const GROUPS = ['/sys/fs/cgroup/systemd', '/sys/fs/cgroup/unified', '/sys/fs/cgroup'];

/** null: it can be had. */
export function whyNoSystemd(): string | null {
  if (process.getuid?.() !== 0) return 'only root has control groups and mounts of its own';
  if (!existsSync(SYSTEMD)) return 'systemd is not installed';
  return groupRoots().length === 0 ? 'there are no control groups to write to' : null;
}

function groupRoots(): readonly string[] {
  return GROUPS.filter((root) => existsSync(join(root, 'cgroup.procs')));
}

const WORLD = `set -e
for group; do echo $$ > "$group/cgroup.procs"; done
mount --make-rprivate /
mount --bind "$DIRECTORY" "$DIRECTORY"
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system
mount -o remount,bind,ro /
if touch "$DIRECTORY/../oneup-must-not-be" 2>/dev/null; then echo "the machine can be written to"; exit 9; fi
exec ${SYSTEMD} --user --unit=nothing.target
`;

export class UserSystemd implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'oneup-systemd-'));
  /** A program that speaks to this systemd alone. */
  readonly systemctl = join(this.directory, 'systemctl');
  readonly #groups = groupRoots().map((root) => join(root, basename(this.directory)));
  /** Where a user keeps units of their own, so that they can be enabled. */
  readonly #units = join(this.directory, '.config/systemd/user');
  #pid = 0;

  static async start(): Promise<UserSystemd> {
    const made = new UserSystemd();
    try {
      await made.#begin();
      return made;
    } catch (error) {
      await made[Symbol.asyncDispose]();
      throw error;
    }
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  unit(name: string, ...lines: readonly string[]): void {
    this.file(name, '[Service]', `WorkingDirectory=${this.directory}`, ...lines);
  }

  /** A unit of any kind. */
  file(name: string, ...lines: readonly string[]): void {
    writeFileSync(join(this.#units, name), ['[Unit]', 'DefaultDependencies=no', ...lines, ''].join('\n'));
    this.ask('daemon-reload');
  }

  /** Commands of systemctl that fail from now on. */
  fails(...commands: readonly string[]): void {
    const text = readFileSync(this.systemctl, 'utf8').replace('#!/bin/sh\n', '');
    const cases = `case "$1" in ${commands.join('|')}) exit 1;; esac`;
    writeFileSync(this.systemctl, `#!/bin/sh\n${cases}\n${text}`);
  }

  ask(...args: readonly string[]): { readonly code: number | null; readonly said: string } {
    const { status, stdout, stderr } = spawnSync(this.systemctl, args, { encoding: 'utf8', timeout: 20_000 });
    return { code: status, said: `${stdout}${stderr}`.trim() };
  }

  async #begin(): Promise<void> {
    const { directory } = this;
    for (const folder of [this.#units, this.path('run')]) mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const group of this.#groups) mkdirSync(group);
    writeFileSync(join(this.#units, 'nothing.target'), '[Unit]\nDefaultDependencies=no\n');
    const place = `XDG_RUNTIME_DIR=${directory}/run SYSTEMD_UNIT_PATH=${this.#units} HOME=${directory}`;
    writeFileSync(this.systemctl, `#!/bin/sh\nexec env ${place} /usr/bin/systemctl --user "$@"\n`, { mode: 0o755 });
    const own = { XDG_RUNTIME_DIR: `${directory}/run`, SYSTEMD_UNIT_PATH: this.#units, HOME: directory };
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DIRECTORY: directory, ...own };
    const child = spawn('unshare', ['--mount', 'sh', '-c', WORLD, 'world', ...this.#groups], { env, stdio: 'ignore' });
    this.#pid = child.pid ?? 0;
    await eventually(() => this.ask('is-active', 'nothing.target').said === 'active', 'systemd to answer');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#pid !== 0 && isRunning(this.#pid)) process.kill(this.#pid, 'SIGKILL');
    const group = `/${basename(this.directory)}`;
    await eventually(() => {
      for (const pid of processesIn(group)) if (isRunning(pid)) process.kill(pid, 'SIGKILL');
      return !processesIn(group).some(isRunning);
    }, 'everything of systemd to end');
    for (const folder of this.#groups) removeGroup(folder);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function removeGroup(folder: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeGroup(join(folder, entry.name));
  rmdirSync(folder);
}
