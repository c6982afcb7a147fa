// What the agent of a node writes down for others on the same machine, such as `run-if-active` in a crontab: which service is
// active here, and until when that can be relied on. It holds no secrets, and every user may read it.
import type { NodeId, ServiceId } from '../base/ids.ts';
import type { NodeRole } from './node-driver.ts';

export type ServiceState = {
  readonly node: NodeId;
  /** Of the lease that is held, else the last one known here. */
  readonly epoch: number;
  /** `stopping`: it may still run, and nothing new may begin. */
  readonly role: NodeRole | 'stopping';
  /** When the agent begins to stop it unless the lease is renewed before; null where nobody enforces the lease (S14, S16). */
  readonly activeUntilBootMs: number | null;
  /** Before the last renewal that was granted under this epoch was sent (S3); null: none was, or it is over. */
  readonly renewedBootMs: number | null;
  /** How often renewals are due; null as `renewedBootMs`. */
  readonly renewEveryMs: number | null;
};

/** Times are of the clock that counts suspension (S2), which means something only within one boot. */
export type NodeState = {
  readonly format: 1;
  readonly cluster: string;
  readonly bootId: string;
  readonly writtenBootMs: number;
  readonly services: Readonly<Record<ServiceId, ServiceState>>;
};

export const NODE_STATE_FILE = 'state.json';
