// How `oneup --help` orders its commands: by what somebody who opens it wants to do, so that nobody reads forty lines for one word.
import type { Command } from 'commander';

/** Every command is in one of them, which a test holds. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'Set up and run a cluster:': ['init', 'run', 'check-config', 'reload', 'recover', 'forget', 'version'],
  'See, without changing anything:': ['status', 'why', 'plan', 'simulate', 'incident', 'history'],
  'Move a service, or take it over:': ['switchover', 'failover', 'failback', 'adopt'],
  'Bring a node back, or say that it is down:': ['rejoin', 'repair', 'confirm-down', 'clear-failures'],
  'Nodes of an active-active service:': ['drain', 'undrain'],
  'The operation that runs:': ['abort', 'rollback', 'continue'],
  'Hands off:': ['maintenance', 'freeze', 'gate', 'ack'],
  'Try before you need it:': ['drill', 'test-fence', 'test-alert'],
  'DNS:': ['zone'],
  'Agents on nodes:': ['agent', 'token', 'jobs', 'run-if-active'],
};

/** Groups stand in the order in which their first command was added. */
export function groupCommands({ commands }: Command): void {
  for (const [heading, names] of Object.entries(GROUPS))
    for (const command of commands) if (names.includes(command.name())) command.helpGroup(heading);
}
