// Installs the Debian packages that tests need and that are missing, without starting their services: a test starts its
// own server on its own port. Does nothing where it must not: not root, not Debian, or ONEUP_TEST_APT=0.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { APT_PACKAGES, type AptPackage } from '../apt-packages.ts';
import { withServicesHeld } from './with-services-held.ts';

/** Another installation may hold the lock; five minutes outlast an unattended upgrade. */
const LOCK_TIMEOUT_SECONDS = 300;
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];

/** Prints what it does or goes without. Never fails the run: a test that lacks its server says so itself. */
export function installServers(say: (line: string) => void): void {
  const missing = APT_PACKAGES.filter(({ program }) => !hasProgram(program));
  say(`Servers for tests: ${APT_PACKAGES.map(({ name }) => name).join(', ')}`);
  if (missing.length === 0) return;
  const obstacle = findObstacle();
  if (obstacle !== null) {
    for (const { name, reason } of missing) say(`  not installing ${name} (${reason}): ${obstacle}`);
    return;
  }
  withServicesHeld(() => install(missing, say));
  for (const { name, program, reason } of missing) {
    say(
      hasProgram(program)
        ? `  installed ${name}`
        : `  could not install ${name} (${reason}): tests that need it will say so`,
    );
  }
}

function findObstacle(): string | null {
  if (process.env.ONEUP_TEST_APT === '0') return 'ONEUP_TEST_APT=0';
  if (process.getuid?.() !== 0) return 'only root installs packages';
  if (!existsSync('/etc/debian_version')) return 'this is not Debian';
  return null;
}

function install(packages: readonly AptPackage[], say: (line: string) => void): void {
  const names = packages.map(({ name }) => name);
  say(`  installing ${names.join(', ')}`);
  if (names.some((name) => !isKnown(name))) apt(['update']);
  apt(['install', '--yes', '--no-install-recommends', ...names]);
}

function apt(args: readonly string[]): void {
  const options = ['-qq', '-o', `DPkg::Lock::Timeout=${LOCK_TIMEOUT_SECONDS}`];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', [...options, ...args], { stdio: ['ignore', 'ignore', 'inherit'], env });
}

/** Whether apt's lists, as they are now, offer the package. */
function isKnown(name: string): boolean {
  const { stdout } = spawnSync('apt-cache', ['policy', name], { encoding: 'utf8' });
  return /Candidate: (?!\(none\))/.test(stdout ?? '');
}

function hasProgram(program: string): boolean {
  return FOLDERS.some((folder) => {
    try {
      accessSync(resolve(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
