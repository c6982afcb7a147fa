// How oneup acts on a node: one contract for exec, ssh, http and agent (S12, S13).
import type { NodeId, OpId, ServiceId } from '../base/ids.ts';

/** What an action is done for. Scripts get it as ONEUP_* variables; guards compare (generation, epoch, step) (S12). */
export type ActionContext = {
  readonly cluster: string;
  readonly service: ServiceId;
  readonly node: NodeId;
  readonly generation: number;
  readonly epoch: number;
  readonly step: number;
  readonly opId: OpId;
  readonly from: NodeId | null;
  readonly to: NodeId | null;
};

/** Actions that change the node and carry a rising step. */
export type SteppedAction = 'sync' | 'resync' | 'drain' | 'undrain' | 'stop' | 'start';

/** What the action left behind for `why`: never more than 4 KiB of output, secrets removed. */
export type ActionEvidence = {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Last 4 KiB of stdout and stderr, interleaved as they came. */
  readonly output: string;
  readonly durationMs: number;
};

/**
 * `done`: exit code 0. `failed`: it ran and said no, or could not be started. `timeout`: killed at its deadline, process group
 * and all. `killed`: ended because the controller's right to act ended. `refused`: a higher (generation, epoch, step) was seen.
 */
export type ActionResult = {
  readonly kind: 'done' | 'failed' | 'timeout' | 'killed' | 'refused';
  readonly reason: string;
  readonly evidence: ActionEvidence;
  /** The step had been done before and this is the recorded answer (S12). */
  readonly repeated: boolean;
};

export type NodeRole = 'active' | 'standby' | 'stopped' | 'starting' | 'unknown';

/** The node as its guard or agent knows it (S13). */
export type NodeStatus = {
  readonly role: NodeRole;
  /** Whether a process of the recorded step is still there; null where the driver cannot tell. */
  readonly running: boolean | null;
  readonly generation: number;
  readonly epoch: number;
  readonly step: number;
  readonly lastResult: ActionResult | null;
  readonly reason: string;
};

/** A level passes only on its confirm query (S18); `output` of both commands is evidence. */
export type FenceResult = {
  readonly kind: 'off' | 'notOff' | 'error' | 'refused' | 'killed';
  readonly reason: string;
  readonly evidence: ActionEvidence;
};

/** All calls are safe to repeat with the same context. */
export type NodeDriver = {
  readonly act: (
    action: SteppedAction,
    context: ActionContext,
    options: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ) => Promise<ActionResult>;
  /** Records an instance that already runs as active under (generation, epoch, step), spawning nothing (S11). */
  readonly adopt: (context: ActionContext, options: { readonly signal: AbortSignal }) => Promise<ActionResult>;
  /** Asks whether the node could become active: `done` when its precheck action passes. Changes nothing, needs no step (S32). */
  readonly precheck: (
    context: ActionContext,
    options: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ) => Promise<ActionResult>;
  /** Asks without changing anything. */
  readonly status: (context: ActionContext, options: { readonly signal: AbortSignal }) => Promise<NodeStatus>;
  /** Fires level `level` of the node's ladder and asks its confirm query until it passes or the level's deadline. */
  readonly fence: (
    context: ActionContext,
    options: { readonly level: number; readonly signal: AbortSignal },
  ) => Promise<FenceResult>;
  /** Runs only the confirm query of a level. */
  readonly fenceStatus: (
    context: ActionContext,
    options: { readonly level: number; readonly signal: AbortSignal },
  ) => Promise<FenceResult>;
};
