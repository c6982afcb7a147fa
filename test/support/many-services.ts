// A configuration with as many services as wanted: copies of one, each with its own id, name and hosts. Not read from text,
// because what is asked here is what services cost once they run.
import { chooseVoters } from '../../src/config/choose-voters.ts';
import type { CheckTarget, Config, NodeConfig, ServiceConfig } from '../../src/config/config.ts';

/** Services `s0` to `s<count - 1>`, each with nodes `a`, `b` and so on as the first service of `config`. */
export function manyServices(config: Config, count: number): Config {
  const [model] = config.services;
  if (model === undefined) throw new RangeError('Cannot copy services: the configuration has none');
  return { ...config, services: Array.from({ length: count }, (_, place) => copyOf(model, place, config)) };
}

function copyOf(model: ServiceConfig, place: number, { cluster }: Config): ServiceConfig {
  const id = `s${place}`;
  const nodes = model.nodes.map((node) => copyOfNode(node, place));
  const probers = chooseVoters(id, cluster);
  return { ...model, id, probers, nodes, record: { ...model.record, name: `${id}.${model.record.zone}` } };
}

/** The check of a node of these services asks the host `<node>.<service number>`. */
function copyOfNode(node: NodeConfig, place: number): NodeConfig {
  const target: CheckTarget = { kind: 'tcp', host: `${node.id}.${place}.example.com`, port: 80 };
  const check = { ...node.check, target };
  return { ...node, address: `${node.id}.${place}`, check, activeCheck: check };
}
