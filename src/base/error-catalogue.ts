// Every code that oneup throws or prints, with its exit code and remedy. A retired code is never used again.
// docs/errors.md is generated from this table and a test fails when they disagree.

type CatalogueEntry = { readonly summary: string; readonly remedy: string; readonly exitCode: number };

export const ERROR_CATALOGUE = {
  ONEUP_USAGE: {
    summary: 'The command line cannot be understood',
    remedy: 'Run the command with --help',
    exitCode: 1,
  },
  ONEUP_CONFIG_INVALID: {
    summary: 'The configuration has at least one error; all of them are listed',
    remedy: 'Correct the listed lines and run oneup check-config',
    exitCode: 1,
  },
  ONEUP_STORE_INITIALISED: {
    summary: 'init found a store that already belongs to a cluster',
    remedy: 'Use the store as it is, or name another one in cluster.store',
    exitCode: 2,
  },
  ONEUP_STORE_NOT_INITIALISED: {
    summary: 'The store holds no cluster, and only init creates one',
    remedy: 'Run oneup init with the same configuration',
    exitCode: 3,
  },
  ONEUP_NO_FENCE_LADDER: {
    summary: 'An automatic, exclusive service has no way to prove that a node is down',
    remedy: 'Configure actions.fence, or set exclusive: false or failover.automatic: false',
    exitCode: 4,
  },
  ONEUP_STORE_UNREACHABLE: {
    summary: 'The store does not answer',
    remedy: 'Check the path or endpoints in cluster.store and the health of the store',
    exitCode: 6,
  },
  ONEUP_CONTROLLER_SILENT: {
    summary: 'No controller answered a command; it was taken back',
    remedy: 'See oneup status; a new controller waits until its predecessor has certainly stopped, then try again',
    exitCode: 6,
  },
  ONEUP_STORE_DENIED: {
    summary: 'The store does not let oneup in, or not as far as it must',
    remedy: 'Check username, password and tls in cluster.store, and the rights of that user',
    exitCode: 6,
  },
  ONEUP_STORE_LIMIT: {
    summary: 'A limit of the store is smaller than what oneup has to write',
    remedy: 'Raise the limit that the message names; docs/stores.md has the settings of each store',
    exitCode: 6,
  },
  ONEUP_STORE_FULL: {
    summary: 'The store has no room left and takes no writes',
    remedy: 'Make room where the store keeps its data, then clear what it raised; docs/stores.md says how',
    exitCode: 6,
  },
  ONEUP_STORE_BUSY: {
    summary: 'The store file stayed locked by another process for longer than the lock wait',
    remedy: 'Find the process that holds the lock (a backup or a shell) and end its transaction',
    exitCode: 6,
  },
  ONEUP_STORE_LOST: {
    summary: 'The store file was deleted, replaced or cannot be written',
    remedy: 'Put the file back; when it is gone for good, run oneup init, then oneup adopt',
    exitCode: 6,
  },
  ONEUP_STORE_CORRUPT: {
    summary: 'The store holds something that oneup cannot read',
    remedy: 'Find out what damages the file, move it away, run oneup init, then oneup adopt',
    exitCode: 6,
  },
  ONEUP_STORE_NEWER: {
    summary: 'The store was written by a newer oneup',
    remedy: 'Upgrade oneup on this prober to the version of the others',
    exitCode: 6,
  },
  ONEUP_STORE_FOREIGN: {
    summary: 'The store belongs to another cluster or another generation of this one',
    remedy: 'Check cluster.store and cluster.name; if the right store is gone, see docs/runbook.md',
    exitCode: 6,
  },
  ONEUP_STORE_WENT_BACK: {
    summary: 'The store shows an older state than this prober has seen',
    remedy: 'Put back the store of today; if it is gone for good, run oneup recover, then oneup adopt',
    exitCode: 6,
  },
  ONEUP_STATE_CORRUPT: {
    summary: 'A file in the state directory is damaged',
    remedy: 'Check that the store is the right one and of today, then remove the named file',
    exitCode: 6,
  },
  ONEUP_REFUSED: {
    summary: 'A safety rule refuses the operation; the rule is named',
    remedy: 'Follow the remedy printed with the rule',
    exitCode: 7,
  },
  ONEUP_OPERATION_FAILED: {
    summary: 'The operation failed and was rolled back or ended without a new active',
    remedy: 'Run oneup why SERVICE',
    exitCode: 8,
  },
  ONEUP_OPERATION_BLOCKED: {
    summary: 'The operation waits for a person',
    remedy: 'Run oneup why SERVICE; it names what is missing and how to give it',
    exitCode: 9,
  },
  ONEUP_PROBER_UNREACHABLE: {
    summary: 'No prober answers on its socket',
    remedy: 'Start oneup run, or name the socket with --socket',
    exitCode: 6,
  },
  ONEUP_PROVIDER_UNREACHABLE: {
    summary: 'A DNS provider does not answer',
    remedy: 'Check the network and the credentials of the provider; the write is tried again by itself',
    exitCode: 6,
  },
  ONEUP_PROBER_DUPLICATE: {
    summary: 'Another live process already uses this prober id',
    remedy: 'Stop the other process or give this one its own --prober id',
    exitCode: 1,
  },
  ONEUP_GUARD_LOST: {
    summary: "The guard's state file was deleted or replaced, or cannot be written",
    remedy:
      'Put the file beside the store back; if it is gone for good, see what runs on the nodes and begin a new store with oneup init',
    exitCode: 8,
  },
  ONEUP_GUARD_CORRUPT: {
    summary: "The guard's state file holds something that oneup cannot read",
    remedy:
      'Put the file beside the store back from a backup; without one, see what runs on the nodes and begin a new store with oneup init',
    exitCode: 8,
  },
  ONEUP_RUNNER_FAILED: {
    summary: 'The process that runs local scripts did not start',
    remedy: 'Read the message; the runner needs Node, /bin/sh and a writable directory of the store',
    exitCode: 8,
  },
  ONEUP_LISTEN_FAILED: {
    summary: 'A listen address cannot be used',
    remedy: 'The address must belong to this machine; a port below 1024 needs CAP_NET_BIND_SERVICE',
    exitCode: 1,
  },
  ONEUP_INTERNAL: {
    summary: 'A fault of oneup itself',
    remedy: 'See the log of the prober and report it',
    exitCode: 1,
  },
  ONEUP_PORT_IN_USE: {
    summary: 'A listen address is taken',
    remedy: 'Find the process with ss -lntup, or change dns.listen',
    exitCode: 1,
  },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;
