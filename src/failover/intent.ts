// Effects that change something outside the store. Each is committed as INTENT before it happens (S10) and carries the
// step that guards compare (S12), so that doing it again is harmless.
import type { NodeId, OpId } from '../base/ids.ts';

export type Intent =
  | { readonly kind: 'sync'; readonly node: NodeId; readonly step: number; readonly timeoutMs: number }
  | { readonly kind: 'resync'; readonly node: NodeId; readonly step: number; readonly timeoutMs: number }
  | { readonly kind: 'drain'; readonly node: NodeId; readonly step: number; readonly timeoutMs: number }
  | { readonly kind: 'undrain'; readonly node: NodeId; readonly step: number; readonly timeoutMs: number }
  | { readonly kind: 'stop'; readonly node: NodeId; readonly step: number; readonly timeoutMs: number }
  | { readonly kind: 'fence'; readonly node: NodeId; readonly step: number; readonly level: number }
  | {
      readonly kind: 'start';
      readonly node: NodeId;
      readonly step: number;
      readonly epoch: number;
      readonly timeoutMs: number;
    }
  | { readonly kind: 'adopt'; readonly node: NodeId; readonly step: number; readonly epoch: number };

/** Questions: they change nothing, are not journaled as intents, and are simply asked again after a takeover. */
export type Question =
  | { readonly kind: 'precheck'; readonly node: NodeId; readonly timeoutMs: number }
  | { readonly kind: 'status'; readonly node: NodeId; readonly epoch: number }
  /** Does its status action call it a standby, asked in this operation (S17)? */
  | { readonly kind: 'standby'; readonly node: NodeId; readonly opId: OpId }
  /** The same beside any operation, in a slow rhythm (S25). */
  | { readonly kind: 'sweep'; readonly node: NodeId; readonly crumbVersion: number }
  | { readonly kind: 'propagation'; readonly epoch: number }
  /** Would the confirm query of a fence level answer? Nothing is fired. */
  | { readonly kind: 'fenceStatus'; readonly node: NodeId; readonly level: number }
  /** The last renewal of the lease of a node whose grant was revoked (S15). */
  | { readonly kind: 'lease'; readonly node: NodeId; readonly epoch: number }
  /** May this cluster read and write its record? */
  | { readonly kind: 'dnsAccess' };

/** A guarded write of the service's name (S26): the ownership it will leave, and what it replaces. */
export type DnsIntent = {
  /** The node that is named; null for the configured address that says sorry (S28). */
  readonly node: NodeId | null;
  readonly level: TtlLevel;
  readonly epoch: number;
  readonly seq: number;
  /** All that are named, where the service is active-active; `node` is null then. */
  readonly answers?: readonly Answered[];
};

/** Until when nothing is written that names what the last write named, and why (S28). */
export type DnsPause = {
  readonly untilMonoMs: number;
  readonly wish: Omit<DnsIntent, 'seq'>;
  readonly why: string;
};

/** `weight`: share of the answers against the others that are named. */
export type Answered = { readonly node: NodeId; readonly weight: number };

/** steady: long TTL; suspect: from the first failing vote; settling: after a cutover until stable. */
export type TtlLevel = 'steady' | 'suspect' | 'settling';
