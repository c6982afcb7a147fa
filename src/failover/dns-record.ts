// What is on record of a name at one provider: which write is in force there, which is under way, and of which nobody knows.
import type { OpId } from '../base/ids.ts';
import type { DnsIntent, DnsPause } from './intent.ts';
import type { Refusal } from './refusal.ts';

export type Mend = {
  readonly shown: string;
  readonly opId: OpId;
  readonly actor: string;
  readonly reason: string;
  readonly startedWallMs: number;
};

export type DnsRecord = {
  /** Last write known to be in force; null before the first. */
  readonly confirmed: DnsIntent | null;
  /** Write whose INTENT is committed and whose RESULT is not. */
  readonly pending: DnsIntent | null;
  /** Writes of unknown outcome; any of them may be what the provider holds (S26). */
  readonly unconfirmed: readonly DnsIntent[];
  readonly seq: number;
  /** What a person was shown of a record without our TXT, and agreed to have taken over (S11); gone with the next write. */
  readonly takesOver?: string;
  /** DNS may hold a write of a generation before, of which `recover` believes nothing (S4); gone with the next write. */
  readonly wasPublished?: true;
  /** The repair that a person asked for: over what was shown and nothing else (S27); gone when its end is in the history. */
  readonly mends?: Mend;
  /** How the provider calls the write in force, where others serve the zone: any later controller asks it what became of that. */
  readonly changeId?: string;
};

export type SecondRecord = { readonly dns: DnsRecord; readonly dnsProblem: Refusal | null };

/** What a controller has in mind of the second record; of the first it is in LocalState. */
export type SecondLocal = {
  readonly dnsPause: DnsPause | null;
  readonly dnsRefused: 'stale' | null;
  readonly dnsFailures: number;
  readonly lowTtlSinceMonoMs: number | null;
};
