// What the agent of a node does for a service. A part of the frozen Config of config.ts.
import type { Command } from './command-config.ts';

/** How long a lease holds, and what is taken off its end (S14). `periodMs` is L. */
export type LeaseTerms = { readonly periodMs: number; readonly stopTimeoutMs: number; readonly marginMs: number };

/** What becomes of the service when nobody renews its lease (S37). */
export type OnStoreLoss = 'stayIfPeersAgree' | 'selfFence' | 'stay';

export type NodeAgentConfig = {
  /** The agent, as its token names it. One agent may serve nodes of several services. */
  readonly name: string;
  /** A program that the keeper owns, or a systemd unit. */
  readonly start:
    | { readonly kind: 'run'; readonly command: Command }
    | { readonly kind: 'unit'; readonly unit: string };
  readonly lease: LeaseTerms;
  readonly onStoreLoss: OnStoreLoss;
};
