// Which service or node a path names; one that is not configured is answered with those that are.
import { OneupError } from '../base/oneup-error.ts';
import type { Config, NodeConfig, ServiceConfig } from '../config/config.ts';

export function findService({ services }: Config, id: string): ServiceConfig {
  const found = services.find((candidate) => candidate.id === id);
  if (found !== undefined) return found;
  const known = services.map((candidate) => candidate.id).join(', ');
  throw new OneupError('ONEUP_USAGE', `Cannot find service: ${id} is not configured, the services are ${known}`, {
    remedy: 'Name one of the services',
  });
}

export function findServiceNode({ id, nodes }: ServiceConfig, node: string): NodeConfig {
  const found = nodes.find((candidate) => candidate.id === node);
  if (found !== undefined) return found;
  const known = nodes.map((candidate) => candidate.id).join(', ');
  throw new OneupError('ONEUP_USAGE', `Cannot find node: ${id} has no node ${node}, its nodes are ${known}`, {
    remedy: 'Name one of its nodes',
  });
}
