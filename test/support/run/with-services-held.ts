// Keeps Debian packages from starting their services while they are installed: tests start their own servers on their own
// ports, and a service that runs for ever is not what somebody who runs tests asked for.
import { existsSync, rmSync, writeFileSync } from 'node:fs';

/** Debian asks this program before a package starts its service; 101 means "do not" (Debian Policy 9.3.3.1). */
const POLICY_FILE = '/usr/sbin/policy-rc.d';
const POLICY_TEXT = '#!/bin/sh\nexit 101\n';

/** Runs `work` and takes the policy away again, also when it throws. A policy that is already there is the machine's own. */
export function withServicesHeld(work: () => void, file = POLICY_FILE): void {
  if (existsSync(file)) {
    work();
    return;
  }
  // With a handler in place an interrupt ends the installation, and not this process before it has cleaned up.
  const endLater = () => {
    process.exitCode = 130;
  };
  process.once('SIGINT', endLater);
  process.once('SIGTERM', endLater);
  try {
    writeFileSync(file, POLICY_TEXT, { mode: 0o755 });
    work();
  } finally {
    rmSync(file, { force: true });
    process.off('SIGINT', endLater);
    process.off('SIGTERM', endLater);
  }
}
