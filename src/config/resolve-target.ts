// Resolves what a check looks at for one node: the one kind that is written, or a group of them.
import type { CheckTarget, GroupTarget, SingleTarget } from './check-target.ts';
import type { ConfigPath } from './config-problem.ts';
import type { NodePlace } from './node-scope.ts';
import { resolveCommand } from './resolve-command.ts';
import { resolveHttp } from './resolve-http-check.ts';
import { resolveProxy } from './resolve-proxy.ts';
import {
  resolveDns,
  resolveGrpc,
  resolveIcmp,
  resolveRedis,
  resolveSql,
  resolveTcp,
  resolveTls,
} from './resolve-server-check.ts';
import type { KindsWritten, PartWritten } from './schema/check-kinds-schema.ts';
import type { ProxyWritten } from './schema/proxy-schema.ts';

export type TargetPlace = NodePlace & {
  /** Where the proxy stands: an override may take that of the check. */
  readonly proxyPath: ConfigPath;
  readonly timeoutMs: number;
};

type Written = KindsWritten & { readonly proxy?: ProxyWritten | undefined };

export function resolveTarget(written: Written, place: TargetPlace): CheckTarget {
  const { all, any, atLeast } = written;
  const group = groupOf(written);
  if (group === null) return resolveSingle(written, place);
  if (written.proxy !== undefined) refuseProxy(place, 'Write proxy: inside the checks of the group');
  const at = [...place.path, ...(all !== undefined ? ['all'] : any !== undefined ? ['any'] : ['atLeast', 'of'])];
  if (atLeast !== undefined && group.atLeast > group.parts.length) {
    const reason = `expected at most ${group.parts.length}, the number of checks`;
    place.scope.context.report({ path: [...place.path, 'atLeast', 'count'], reason, remedy: 'Write a smaller count' });
  }
  const parts = group.parts.map((part, index) => {
    const path = [...at, index];
    return resolveSingle(part, { ...place, path, proxyPath: [...path, 'proxy'] });
  });
  return { kind: 'group', atLeast: group.atLeast, parts } satisfies GroupTarget;
}

function groupOf({
  all,
  any,
  atLeast,
}: Written): { readonly atLeast: number; readonly parts: readonly PartWritten[] } | null {
  if (all !== undefined) return { atLeast: all.length, parts: all };
  if (any !== undefined) return { atLeast: 1, parts: any };
  return atLeast === undefined ? null : { atLeast: atLeast.count, parts: atLeast.of };
}

/** Kinds that can go through a proxy take it; others refuse it. */
function resolveSingle(written: Written, place: TargetPlace): SingleTarget {
  const { scope, path, proxyPath, timeoutMs } = place;
  const at = (kind: string) => ({ scope, path: [...path, kind], timeoutMs });
  const proxy = written.proxy === undefined ? null : resolveProxy(written.proxy, { scope, path: proxyPath });
  if (written.http !== undefined) return resolveHttp(written.http, at('http'), proxy);
  if (written.tcp !== undefined) return resolveTcp(written.tcp, at('tcp'), proxy);
  if (written.tls !== undefined) return resolveTls(written.tls, at('tls'), proxy);
  if (proxy !== null) refuseProxy(place, 'Remove the key, or write an http, tcp or tls check');
  if (written.dns !== undefined) return resolveDns(written.dns, at('dns'));
  if (written.icmp !== undefined) return resolveIcmp(written.icmp, at('icmp'));
  if (written.grpc !== undefined) return resolveGrpc(written.grpc, at('grpc'));
  if (written.postgres !== undefined) return { kind: 'postgres', ...resolveSql(written.postgres, at('postgres')) };
  if (written.mysql !== undefined) return { kind: 'mysql', ...resolveSql(written.mysql, at('mysql')) };
  if (written.redis !== undefined) return resolveRedis(written.redis, at('redis'));
  return { kind: 'exec', command: resolveCommand(written.exec ?? [], { scope, path: [...path, 'exec'] }) };
}

function refuseProxy({ scope, proxyPath }: TargetPlace, remedy: string): void {
  scope.context.report({ path: proxyPath, point: 'key', reason: 'this kind of check goes through no proxy', remedy });
}
