// Every action of the configuration by name: what the tries of scripts, logins and hooks are made from.
import type { ActionConfig, Config } from '../../config/config.ts';

export type NamedAction = {
  readonly service: string;
  readonly node: string;
  /** `start`, `fence 1`, `fence 1 confirm`. */
  readonly name: string;
  readonly action: ActionConfig;
};

const PLAIN = ['start', 'stop', 'status', 'precheck', 'sync', 'resync', 'drain', 'undrain'] as const;

export function namedActions({ services }: Config): readonly NamedAction[] {
  return services.flatMap((service) =>
    service.nodes.flatMap(({ id, actions }) => {
      const of = (name: string, action: ActionConfig | null): readonly NamedAction[] =>
        action === null ? [] : [{ service: service.id, node: id, name, action }];
      const levels = actions.fence.flatMap(({ act, confirm }, index) => [
        ...of(`fence ${index + 1}`, act),
        ...of(`fence ${index + 1} confirm`, confirm?.query ?? null),
      ]);
      return [...PLAIN.flatMap((name) => of(name, actions[name])), ...levels];
    }),
  );
}

/** `web/a start, stop; web/b start`: who shares one login or one hook. */
export function listUsers(users: readonly NamedAction[]): string {
  const byNode = Map.groupBy(users, ({ service, node }) => `${service}/${node}`);
  return [...byNode].map(([node, actions]) => `${node} ${actions.map(({ name }) => name).join(', ')}`).join('; ');
}
