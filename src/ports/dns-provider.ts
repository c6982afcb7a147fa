// Where DNS records live: the built-in zone, or somebody's API. One contract, one suite (test/conformance/provider.ts).
// A provider does no retries, no caching and no diffing: those are decided above it.
import type { ErrorCode } from '../base/error-catalogue.ts';
import type { DomainName } from '../base/ids.ts';
import type { Rrset, RrType } from '../dns/rrset.ts';
import type { RrsetChange } from '../plan/rrset-change.ts';

export type ProviderCapabilities = {
  /** All changes of one apply happen together or not at all. */
  readonly atomicBatch: boolean;
  /** `before` of every change is compared at the provider, at the instant of the write (S26). */
  readonly conditionalWrite: boolean;
  readonly ttlMinSeconds: number;
  readonly ttlMaxSeconds: number;
  /** Smallest thing the provider can replace. */
  readonly granularity: 'record' | 'rrset' | 'zone';
  /** `list` after a successful `apply` shows it. */
  readonly readAfterWrite: boolean;
  /** `apply` with a key that was applied before answers as it did then; elsewhere the ownership TXT tells (S27). */
  readonly remembersKeys: boolean;
  /** The published TTL may follow every suspicion; elsewhere only planned moves lower it. */
  readonly followsSuspicion: boolean;
  readonly types: readonly RrType[];
  /** Whether an A or AAAA may be an alias (Rrset.alias) [false]. */
  readonly holdsAliases?: boolean;
};

/** Why a write failed, beside the reason in words; the catalogue holds the remedy. */
export type ProviderErrorCode = Extract<ErrorCode, `ONEUP_PROVIDER_${string}`>;

/** `applied` is what a retry needs to know: after `unknown`, only a later guarded write that succeeds settles it (S26). */
export type ApplyResult =
  | { readonly kind: 'applied'; readonly changeId: string }
  | { readonly kind: 'conflict'; readonly current: readonly Rrset[]; readonly reason: string }
  | {
      readonly kind: 'failed';
      readonly code: ProviderErrorCode;
      readonly applied: 'none' | 'unknown';
      readonly retryable: boolean;
      readonly retryAfterMs: number | null;
      readonly reason: string;
    };

export type DnsProvider = {
  readonly name: string;
  readonly kind: string;
  readonly capabilities: ProviderCapabilities;
  /** All RRsets at these names of the zone, as the provider holds them now. Throws OneupError when it cannot be asked, with `retryAfterMs` where it says so. */
  readonly list: (
    zone: DomainName,
    options: { readonly names: readonly DomainName[]; readonly signal: AbortSignal },
  ) => Promise<readonly Rrset[]>;
  /**
   * Applies the changes of one service and one zone. Safe to repeat with the same idempotencyKey: it is done at most once,
   * because every change names what it replaces. `current` of a conflict holds all RRsets at the names of the changes.
   */
  readonly apply: (
    zone: DomainName,
    changes: readonly RrsetChange[],
    options: { readonly idempotencyKey: string; readonly signal: AbortSignal },
  ) => Promise<ApplyResult>;
  /** Whether a change has reached every server of the provider. */
  readonly confirm: (changeId: string, options: { readonly signal: AbortSignal }) => Promise<'pending' | 'insync'>;
};
