// Who falls together with the store: a machine that carries a member of it and a prober or a node takes both away at once (S37).
// Only what is written is compared; two names of one machine are not found out.
import type { StoreConfig } from './config.ts';
import type { ConfigFinding } from './config-problem.ts';
import type { ConfigRule, RuleDraft } from './rule-draft.ts';

export const STORE_RULES: readonly ConfigRule[] = [storeStandsApart];

/** Names in a message, before it says only how many more there are. */
const NAMES_MAX = 5;

function storeStandsApart({ cluster, services }: RuleDraft): readonly ConfigFinding[] {
  if (cluster === null || cluster.store.kind === 'sqlite') return [];
  // All on one machine is a trial: there is nothing that could stand apart.
  if (cluster.probers.every(({ address }) => isLoopback(address))) return [];
  const hosts = new Set(memberHosts(cluster.store));
  const probers = cluster.probers.filter(({ address }) => hosts.has(address));
  const nodes = services.flatMap((service) =>
    service.nodes.filter(({ address }) => hosts.has(address)).map((node) => ({ ...node, service: service.id })),
  );
  const needPeers = services.filter(({ nodes: own }) =>
    own.some(({ agent }) => agent?.onStoreLoss === 'stayIfPeersAgree'),
  );
  const parts = [
    ...(probers.length === 0 ? [] : [besideProbers(probers, needPeers)]),
    ...(nodes.length === 0 ? [] : [besideNodes(nodes)]),
  ];
  if (parts.length === 0) return [];
  return [
    {
      path: ['cluster', 'store', 'endpoints'],
      reason: parts.join('; '),
      remedy:
        'Run the store on machines of its own, or accept it: nothing moves without a store, and nothing is started twice',
      rule: 'S37',
      severity: 'warning',
    },
  ];
}

function besideProbers(
  probers: readonly { readonly id: string }[],
  needPeers: readonly { readonly id: string }[],
): string {
  const shared = `the store shares machines with ${list(
    'prober',
    probers.map(({ id }) => id),
  )}`;
  const follows =
    'when a majority of its members fails, probers fail with it, and nothing is failed over before they are back';
  if (needPeers.length === 0) return `${shared}: ${follows}`;
  const stops = list(
    'service',
    needPeers.map(({ id }) => id),
  );
  return `${shared}: ${follows}; ${stops} then also stops where it runs, since stayIfPeersAgree needs the word of every prober`;
}

function besideNodes(nodes: readonly { readonly id: string; readonly service: string }[]): string {
  const names = nodes.map(({ id, service }) => `${service}/${id}`);
  return `the store shares machines with ${list('node', names)}: a host that fails or is fenced takes a member of the store with it`;
}

function list(what: string, names: readonly string[]): string {
  const shown = names.slice(0, NAMES_MAX).join(', ');
  const more = names.length > NAMES_MAX ? ` and ${names.length - NAMES_MAX} more` : '';
  return `${what}${names.length === 1 ? '' : 's'} ${shown}${more}`;
}

function memberHosts(store: Exclude<StoreConfig, { readonly kind: 'sqlite' }>): readonly string[] {
  // RFC 3986 3.2.2: an IPv6 address stands in brackets in a URL.
  if (store.kind === 'etcd') return store.endpoints.map((url) => new URL(url).hostname.replace(/^\[|\]$/g, ''));
  return store.endpoints.map(({ host }) => host);
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}
