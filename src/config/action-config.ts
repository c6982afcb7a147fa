// A resolved action, by the kind of driver that carries it. A part of the frozen Config of config.ts.
import type { Secret } from '../base/secret.ts';
import type { ProxyTarget } from './check-target.ts';
import type { Command } from './command-config.ts';

export type ActionConfig = ExecActionConfig | SshActionConfig | HttpActionConfig | AgentActionConfig;

/** A step that the agent of the node takes from the store; what it runs stands in `NodeConfig.agent` (S14). */
export type AgentActionConfig = { readonly driver: 'agent'; readonly timeoutMs: number };

/** A script on the host of the controller. */
export type ExecActionConfig = { readonly driver: 'exec'; readonly command: Command; readonly timeoutMs: number };

/** A command on the node itself, under the guard that travels with it (S12). */
export type SshActionConfig = {
  readonly driver: 'ssh';
  readonly target: SshTarget;
  readonly command: Command;
  readonly timeoutMs: number;
};

export type SshTarget = {
  readonly host: string;
  readonly port: number;
  /** null: the user of oneup itself. */
  readonly user: string | null;
  /** Absolute path of the private key; null: the default ones of ssh. */
  readonly identity: string | null;
  /** Absolute path of the only file that vouches for host keys; null: the default ones of ssh. Always verified. */
  readonly knownHosts: string | null;
  readonly jump: { readonly host: string; readonly port: number; readonly user: string | null } | null;
  readonly sudo: boolean;
  /** Absolute path on the node. */
  readonly stateDir: string;
};

/** A call of a hook that does hello and go itself (S12). */
export type HttpActionConfig = {
  readonly driver: 'http';
  readonly url: string;
  /** Signs requests and answers. */
  readonly secret: Secret;
  /** PEM text of the certificates that may vouch for the hook; null: those of the system. */
  readonly ca: string | null;
  /** The way there; null: straight. */
  readonly proxy: ProxyTarget | null;
  readonly timeoutMs: number;
};
