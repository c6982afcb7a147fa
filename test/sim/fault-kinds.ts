// Everything that can go wrong in a run, by name. A name that is listed several times is drawn more often.

const NODE_KINDS = [
  'crash',
  'crash',
  'crash',
  'crash-again',
  'power-back',
  'unreachable',
  'unreachable',
  'hung',
  'suspend-node',
  'stop-fails',
  'stop-fails',
  'stop-hangs',
  'start-fails',
  'start-hangs',
  'start-late',
  'start-daemonises',
  'precheck-fails',
  'sync-fails',
  'fence-fails',
  'fence-slow',
  'fence-silent',
] as const;

const PROCESS_KINDS = [
  'kill-process',
  'kill-process',
  'stop-process',
  'stop-process',
  'suspend-machine',
  'suspend-machine',
  'wall-jump',
  'dies-at-boundary',
  'stops-at-boundary',
  'reload',
  'reload-in-step',
] as const;

const NETWORK_KINDS = [
  'partition',
  'minority-cut',
  'one-way-to-store',
  'one-way-from-store',
  'store-cut',
  'dns-cut',
  'node-cut',
  'duplicates',
  'commit-fate',
  'commit-fate',
  'store-outage',
  'store-restart',
] as const;

const DNS_KINDS = ['dns-errors', 'dns-slow', 'dns-stale', 'dns-drift'] as const;
const PROBER_KINDS = ['lying-prober', 'kill-prober', 'stop-prober'] as const;
const OPERATOR_KINDS = [
  'operator',
  'operator',
  'operator',
  'operator',
  'confirm-down',
  'confirm-down',
  'reads',
] as const;

export const AGENT_KINDS = ['agent-crash', 'agent-pause', 'agent-store-cut'] as const;
export type AgentFaultKind = (typeof AGENT_KINDS)[number];

/** Where services stay while the probers agree: the holder loses the store, and so do those whom it asks. */
export const PEER_KINDS = ['claim-outage', 'claim-split'] as const;
export type PeerFaultKind = (typeof PEER_KINDS)[number];

export type FaultKind =
  | PeerFaultKind
  | AgentFaultKind
  | (typeof NODE_KINDS)[number]
  | (typeof PROCESS_KINDS)[number]
  | (typeof NETWORK_KINDS)[number]
  | (typeof DNS_KINDS)[number]
  | (typeof PROBER_KINDS)[number]
  | (typeof OPERATOR_KINDS)[number]
  | 'members'
  | 'store-restore';

export const KINDS = [
  ...NODE_KINDS,
  ...PROCESS_KINDS,
  ...NETWORK_KINDS,
  ...DNS_KINDS,
  ...PROBER_KINDS,
  ...OPERATOR_KINDS,
] as const;

/** Where nodes have agents no machine stands still as a whole: no lease can prove anything of such a node (S16). */
export const LEASE_KINDS: readonly [FaultKind, ...FaultKind[]] = [
  ...AGENT_KINDS,
  ...AGENT_KINDS,
  ...AGENT_KINDS,
  'stop-fails',
  ...KINDS.filter((kind) => kind !== 'suspend-node'),
];

/** Beside something that lies only such harm as leaves the node to be looked at: the probers are what finds a liar out. */
export const LIAR_KINDS = [
  'crash',
  'crash',
  'start-fails',
  'precheck-fails',
  'sync-fails',
  'kill-process',
  'stop-process',
  'dies-at-boundary',
  'commit-fate',
  'dns-errors',
  'dns-slow',
  'dns-stale',
  'operator',
  'operator',
  'operator',
] as const;

/** Where nothing is started, stopped or fenced by oneup. */
export const SET_KINDS: readonly [FaultKind, ...FaultKind[]] = [
  'crash',
  'crash',
  'crash',
  'unreachable',
  'hung',
  'suspend-node',
  'sync-fails',
  ...PROCESS_KINDS,
  ...NETWORK_KINDS,
  ...DNS_KINDS,
  ...PROBER_KINDS,
  ...OPERATOR_KINDS,
  // People are what this is about: drain, undrain, maintenance.
  ...Array.from({ length: 20 }, () => 'operator' as const),
];

/**
 * Beside a restored backup everybody keeps listening: whoever was away while the store moved on has no mark by which to see
 * that it went back.
 */
export const RESTORE_KINDS = [
  'crash',
  'crash',
  'unreachable',
  'hung',
  'stop-fails',
  'start-hangs',
  'fence-fails',
  'dns-errors',
  'dns-slow',
  'operator',
  'operator',
] as const;

export const FAULT_KINDS: readonly FaultKind[] = [
  ...new Set<FaultKind>([...KINDS, ...AGENT_KINDS, ...PEER_KINDS, 'members', 'store-restore']),
];
