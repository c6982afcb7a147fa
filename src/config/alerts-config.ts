// The resolved alerts section: how people are told, beside the log. A part of the frozen Config of config.ts.
import type { Secret } from '../base/secret.ts';
import type { Command } from './command-config.ts';

export type AlertsConfig = {
  /** Pause between two alerts of one condition until it is acknowledged [5m]. */
  readonly repeatMs: number;
  readonly channels: readonly AlertChannelConfig[];
};

type AlertLevel = 'info' | 'warning' | 'critical';

export type AlertChannelConfig =
  | {
      readonly kind: 'exec';
      readonly name: string;
      readonly command: Command;
      /** [10s] */
      readonly timeoutMs: number;
      /** The least level that this channel is told of [warning]. */
      readonly minLevel: AlertLevel;
    }
  | {
      readonly kind: 'webhook';
      readonly name: string;
      readonly url: string;
      /** Key of the signature; null: unsigned. */
      readonly secret: Secret | null;
      /** [10s] */
      readonly timeoutMs: number;
      /** The least level that this channel is told of [warning]. */
      readonly minLevel: AlertLevel;
    };
