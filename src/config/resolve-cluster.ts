// Resolves the cluster section: absolute paths, reference targets, and the defaults that depend on other keys.
import { err, ok, type Result } from '../base/result.ts';
import { absolutePath } from './absolute-path.ts';
import type { ClusterConfig, Endpoint, ReferenceTarget, TimingConfig } from './config.ts';
import { parseHostPort } from './host-port.ts';
import { resolveApiTls } from './resolve-api.ts';
import type { ResolveContext } from './resolve-context.ts';
import { resolveStore } from './resolve-store.ts';
import type { ClusterWritten } from './schema/cluster-schema.ts';

/** `defaultListen` is `dns.listen`, for probers without a list of their own. */
export function resolveCluster(
  written: ClusterWritten,
  { context, defaultListen }: { readonly context: ResolveContext; readonly defaultListen: readonly Endpoint[] },
): ClusterConfig {
  const vantages = new Set(written.probers.map(({ vantage }) => vantage));
  return {
    name: written.name,
    store: resolveStore(written.store, context),
    // S24: one vantage alone may be the one that is cut off; with a single vantage there is nothing to compare.
    quorum: {
      minVantages: written.quorum.minVantages ?? Math.min(2, vantages.size),
      probersPerCheck: written.quorum.probersPerCheck ?? null,
    },
    probers: written.probers.map(({ id, vantage, address, listen, api }) => ({
      id,
      vantage,
      address,
      listen: listen ?? defaultListen,
      apiListen: api?.listen ?? written.api.listen ?? [],
    })),
    references: written.references.flatMap((text, index) => resolveReference(text, { context, index })),
    stateDir: absolutePath(written.stateDir, context.baseDir),
    timing: resolveTiming(written.timing),
    apiTls: resolveApiTls(written.api, context),
  };
}

function resolveReference(
  text: string,
  { context, index }: { readonly context: ResolveContext; readonly index: number },
): readonly ReferenceTarget[] {
  const target = parseReference(text);
  if (target.ok) return [target.value];
  const remedy = 'Write https://www.example.net/ or tcp://192.0.2.53:53';
  context.report({ path: ['cluster', 'references', index], reason: target.error, remedy });
  return [];
}

function parseReference(text: string): Result<ReferenceTarget, string> {
  if (text.startsWith('tcp://')) {
    const endpoint = parseHostPort(text.slice('tcp://'.length), { purpose: 'ask' });
    return endpoint.ok ? ok({ kind: 'tcp', ...endpoint.value }) : endpoint;
  }
  const url = URL.canParse(text) ? new URL(text) : null;
  const isWeb = url !== null && (url.protocol === 'http:' || url.protocol === 'https:');
  if (!isWeb) return err('expected an http, https or tcp URL');
  return url.username === '' && url.password === '' ? ok({ kind: 'http', url: url.href }) : err(NO_PASSWORD);
}

const NO_PASSWORD = 'a URL is shown in reports and must not hold a password';

function resolveTiming(written: ClusterWritten['timing']): TimingConfig {
  return {
    sessionTtlMs: written.sessionTtl,
    rho: written.rho,
    marginMs: written.margin,
    killTimeMs: written.killTime,
    startupGraceMs: written.startupGrace ?? written.sessionTtl,
    watchTimeoutMs: written.watchTimeout,
    lostAfterMs: written.lostAfter,
    staleAfterMs: written.staleAfter,
    driftAfterMs: written.driftAfter,
    reachGraceMs: written.reachGrace,
  };
}
