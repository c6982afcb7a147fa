// A file of oneup that is not the one the command reads: the file of an agent, the configuration of the cluster, or a recipe that
// belongs into a service. A list of its unknown keys would send its reader to mend a file that is right.
import type * as z from 'zod';
import { actionsSchema } from './schema/action-schema.ts';
import { configSchema } from './schema/config-schema.ts';
import { serviceSchema } from './schema/service-schema.ts';

export type OtherFile = { readonly reason: string; readonly remedy: string };

const AGENT_KEYS: readonly string[] = ['agent', 'token', 'probers'];

/** What was given where the configuration of a cluster is read; null: perhaps one, with or without mistakes. */
export function notTheCluster(tree: unknown): OtherFile | null {
  const keys = keysOf(tree);
  if (AGENT_KEYS.every((key) => keys.includes(key)) && !keys.includes('services')) {
    return {
      reason: 'this is the file of an agent, not the configuration of a cluster',
      remedy:
        'oneup agent --config FILE reads it, and says what is wrong with it; so does oneup run --prober ID --agent FILE',
    };
  }
  if (isPartOf(keys, actionsSchema)) {
    return {
      reason: `this is a part of a service (${keys.join(', ')}), not a whole configuration`,
      remedy: 'Copy it below services.NAME.actions of your configuration, and check that',
    };
  }
  if (isPartOf(keys, serviceSchema)) {
    return {
      reason: `this is one service (${keys.join(', ')}), not a whole configuration`,
      remedy: 'Copy it below services.NAME of your configuration, and check that',
    };
  }
  return null;
}

/** What was given where the file of an agent is read. */
export function notAnAgent(tree: unknown): OtherFile | null {
  const keys = keysOf(tree);
  if (keys.includes('agent') || !(keys.includes('services') || keys.includes('dns'))) return null;
  return {
    reason: 'this is the configuration of a cluster, not the file of an agent',
    remedy: 'oneup check-config and oneup run --prober read it; the file of an agent is described in docs/agent.md',
  };
}

/** Some of its keys and no others, and none that a configuration has at its top. */
function isPartOf(keys: readonly string[], { shape }: z.ZodObject): boolean {
  return keys.length > 0 && keys.every((key) => Object.hasOwn(shape, key) && !Object.hasOwn(configSchema.shape, key));
}

function keysOf(tree: unknown): readonly string[] {
  return typeof tree === 'object' && tree !== null && !Array.isArray(tree) ? Object.keys(tree) : [];
}
