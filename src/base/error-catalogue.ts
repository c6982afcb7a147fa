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
    remedy:
      'Look at what it names: endpoints that do not answer, a path, or a permission; oneup status lists the members',
    exitCode: 6,
  },
  ONEUP_CONTROLLER_SILENT: {
    summary: 'No controller answered a command; it was taken back, unless the message says otherwise',
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
  ONEUP_STORE_REBUILDING: {
    summary:
      'The records of the cluster are being written anew by init --force or recover, or were left half written by it',
    remedy: 'Wait until that command has ended; if it was cut off, run it again',
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
    remedy:
      'Check the network and the address of the provider in the providers section; a write is tried again by itself',
    exitCode: 6,
  },
  ONEUP_PROVIDER_UNANSWERED: {
    summary: 'A DNS provider did not answer a write, which may or may not have been done',
    remedy: 'Nothing to do: the next write, above this one, settles it; oneup why SERVICE shows it',
    exitCode: 6,
  },
  ONEUP_PROVIDER_DENIED: {
    summary: 'A DNS provider does not accept the credentials, or they lack a permission',
    remedy:
      'Compare the credentials with the policy that the README of the provider gives, then run oneup check-config --connect',
    exitCode: 6,
  },
  ONEUP_PROVIDER_ZONE_UNKNOWN: {
    summary: 'The DNS provider has no such zone, or it is another one than the records are in',
    remedy:
      'Correct the zone in the providers section: its name, its server, and its id where it has one, as a name can exist twice',
    exitCode: 6,
  },
  ONEUP_PROVIDER_THROTTLED: {
    summary: 'A DNS provider asks to slow down',
    remedy: 'Nothing to do: the write is tried again when the provider allows it; see who else uses the account',
    exitCode: 6,
  },
  ONEUP_PROVIDER_BUDGET: {
    summary: 'The budget of calls is spent, and what is left of it is kept for failovers',
    remedy: 'Nothing to do: it is done when calls are free again; raise the budget of the provider if it allows more',
    exitCode: 6,
  },
  ONEUP_PROVIDER_RECORD_CONFLICT: {
    summary: 'The record cannot stand beside what the zone holds, such as a CNAME beside other data or at the apex',
    remedy: 'Remove the other record, or give the service another name',
    exitCode: 6,
  },
  ONEUP_PROVIDER_TTL_REFUSED: {
    summary: 'The TTL is outside what the DNS provider accepts',
    remedy: 'Write a TTL within the range that the README of the provider gives',
    exitCode: 6,
  },
  ONEUP_PROVIDER_PARTIAL: {
    summary: 'A DNS provider did one part of a write and not the other',
    remedy: 'Nothing to do: the next write reads what is there and completes it; oneup why SERVICE shows it',
    exitCode: 6,
  },
  ONEUP_PROVIDER_REFUSED: {
    summary: 'A DNS provider refused a write for a reason of its own',
    remedy: 'Read the reason that it gave; correct the record or the configuration',
    exitCode: 6,
  },
  ONEUP_PROVIDER_ANSWER_INVALID: {
    summary: 'A DNS provider answered something that cannot be read',
    remedy: 'Check that the address of the provider is right and that no proxy answers in its place',
    exitCode: 6,
  },
  ONEUP_PROBER_DUPLICATE: {
    summary: 'Another live process already uses this prober id',
    remedy: 'Stop the other process or give this one its own --prober id',
    exitCode: 1,
  },
  ONEUP_AGENT_UNANSWERED: {
    summary: 'No prober answered the agent',
    remedy: 'Look at the network between the node and the probers; the service here goes on as its onStoreLoss says',
    exitCode: 6,
  },
  ONEUP_AGENT_DENIED: {
    summary: 'The probers do not accept the token of this agent, or belong to another cluster',
    remedy: 'Make a token with oneup token create, and name it in the configuration of the agent',
    exitCode: 7,
  },
  ONEUP_AGENT_KEEPER: {
    summary: 'The keeper of this node does not answer or refuses',
    remedy: 'See the log of the keeper; nothing is started without it',
    exitCode: 6,
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
