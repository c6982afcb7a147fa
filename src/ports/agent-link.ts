// What an agent asks any prober for: what its node should do, the next stretch of its lease, and to pass on what it sees. The
// agent opens the connection; a prober answers from the store and never from memory (S14).
import type { NodeId, ServiceId } from '../base/ids.ts';
import type { LeaseTerms, OnStoreLoss } from '../config/node-agent.ts';
import type { ActionContext, ActionResult, NodeRole, SteppedAction } from './node-driver.ts';

export type { LeaseTerms } from '../config/node-agent.ts';

/** What an agent does for one action: a command that ends, or for `start` a process that the keeper owns, or a systemd unit. */
export type AgentAction =
  | {
      readonly kind: 'command';
      readonly argv: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly cwd: string | null;
    }
  | {
      readonly kind: 'run';
      readonly argv: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly cwd: string | null;
    }
  | { readonly kind: 'unit'; readonly unit: string };

/** The step that the controller wants done, once (S12). It stays until a higher one takes its place. */
export type AgentOrder = {
  readonly action: SteppedAction | 'adopt';
  readonly context: ActionContext;
  readonly timeoutMs: number;
  /** The ONEUP_* variables of this step. */
  readonly env: Readonly<Record<string, string>>;
};

/** Everything about one service that concerns this node, as the store held it at `revision`. */
export type AgentGoal = {
  readonly service: ServiceId;
  readonly node: NodeId;
  readonly generation: number;
  /** The grant, if it is this node's. */
  readonly grant: { readonly epoch: number; readonly revoked: boolean } | null;
  readonly order: AgentOrder | null;
  readonly lease: LeaseTerms;
  /** What the node does when nobody answers for the lease (S37). */
  readonly onStoreLoss: OnStoreLoss;
  readonly actions: Readonly<Partial<Record<SteppedAction | 'status' | 'precheck', AgentAction>>>;
};

export type AgentGoals = {
  readonly cluster: string;
  readonly generation: { readonly number: number; readonly id: string };
  readonly revision: number;
  readonly goals: readonly AgentGoal[];
};

export type Renewal = LeaseTerms & {
  readonly service: ServiceId;
  readonly node: NodeId;
  readonly epoch: number;
  /** Changes with every start of the agent. */
  readonly agentRun: string;
  /** When it was sent, on the clock of this boot of the node: of two that arrive in another order the later one counts (S14). */
  readonly bootId: string;
  readonly sentBootMs: number;
  readonly armed: boolean;
  readonly enforced: 'watchdog' | 'keeper' | 'none';
  /** Processes of probers, all of which the holder asks when nobody reaches the store; empty: it asks nobody (S37). */
  readonly asked: readonly string[];
  /**
   * Version of the record that it replaces, as far as the sender knows; 0 for none, null for whatever is there. What was sent before a
   * boot replaces nothing that was sent after it.
   */
  readonly seen: number | null;
};

/**
 * `peers`: who may be asked from the next renewal on. `over`: the grant is revoked, or another's; nothing is renewed any more
 * under this epoch. `regranted`: the grant is this node's still, under a later epoch. Nothing is renewed under this one either, and
 * what runs is about to be adopted (S11). `behind`: the record is another one than `seen`.
 */
export type RenewalAnswer =
  | { readonly kind: 'renewed'; readonly version: number; readonly peers: readonly string[] }
  | { readonly kind: 'regranted' }
  | { readonly kind: 'over'; readonly reason: string }
  | { readonly kind: 'behind'; readonly version: number };

/** What one prober says to a claim: one that has the store renews instead of agreeing (S37). */
export type ClaimAnswer =
  | RenewalAnswer
  | { readonly kind: 'agreed'; readonly peer: string }
  | { readonly kind: 'refused'; readonly peer: string; readonly reason: string };

/** What became of a job of the node, on the wall clock of the node: for people. Texts are cut. */
export type AgentJob = {
  readonly id: string;
  readonly schedule: string;
  readonly timeZone: string;
  /** Under which its service was active here when it was last known; null: it was not, and nothing is run. */
  readonly epoch: number | null;
  /** null: no time is left, or it does not run here. */
  readonly nextWallMs: number | null;
  readonly running: { readonly startedWallMs: number } | null;
  readonly lastRun: {
    readonly startedWallMs: number;
    readonly endedWallMs: number;
    /** refused, ended, timeout, lost, vanished, notStarted */
    readonly kind: string;
    readonly code: number | null;
    readonly reason: string;
  } | null;
  /** A time at which it was due here and was not run. */
  readonly lastSkip: { readonly dueWallMs: number; readonly reason: string } | null;
  /** Times at which nobody looked; `latestWallMs` holds the newest of them. */
  readonly missed: {
    readonly count: number;
    readonly latestWallMs: readonly number[];
    readonly outcome: string;
  } | null;
};

export type AgentJobs = {
  readonly listed: readonly AgentJob[];
  /** How many more there are. */
  readonly unlisted: number;
};

/** What the node says of one service: `agent/<service>/<node>`. */
export type AgentReport = {
  readonly service: ServiceId;
  readonly node: NodeId;
  readonly agentRun: string;
  readonly generation: number;
  readonly epoch: number;
  /** The highest step that was begun here. */
  readonly step: number;
  readonly role: NodeRole;
  /** Whether a process of the service is there; null where nobody can tell. */
  readonly running: boolean | null;
  /** Of `step`, once it has ended. */
  readonly lastResult: ActionResult | null;
  /** The service ended by itself and is not there any more: why, for `why`. */
  readonly exited: string | null;
  readonly enforced: 'watchdog' | 'keeper' | 'none';
  /** Why nothing can be started here as it is, and what to do about it; absent: nothing is known against it. */
  readonly unfit?: { readonly reason: string; readonly remedy: string };
  /** Of this service; absent: it has none. */
  readonly jobs?: AgentJobs;
};

/**
 * Every call rejects with OneupError when no prober answered before the signal aborted: ONEUP_AGENT_UNANSWERED, or
 * ONEUP_AGENT_DENIED for a wrong token. Safe to repeat.
 */
export type AgentLink = {
  /** Resolves at once if the store is past `after`, else when something changes for this agent, and after a while anyway. */
  readonly goals: (options: { readonly after: number; readonly signal: AbortSignal }) => Promise<AgentGoals>;
  /** One commit guarded by the grant as it stands in the store (S14). */
  readonly renew: (renewal: Renewal, options: { readonly signal: AbortSignal }) => Promise<RenewalAnswer>;
  /** Asks every prober at once; resolves with what those said that answered. Does not reject. */
  readonly claim: (renewal: Renewal, options: { readonly signal: AbortSignal }) => Promise<readonly ClaimAnswer[]>;
  /** Replaces the report of this node; it vanishes when the prober that passed it on, or the connection to it, is gone. */
  readonly report: (report: AgentReport, options: { readonly signal: AbortSignal }) => Promise<void>;
};
