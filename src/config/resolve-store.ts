// Resolves the store: absolute paths, secrets, and what only makes sense together.
import { Secret } from '../base/secret.ts';
import { absolutePath } from './absolute-path.ts';
import type { RemoteStoreConfig, StoreConfig, StoreTlsConfig } from './config.ts';
import type { ConfigPath } from './config-problem.ts';
import type { ResolveContext } from './resolve-context.ts';
import type { StoreWritten } from './schema/store-schema.ts';

const PATH: ConfigPath = ['cluster', 'store'];

type RemoteWritten = Exclude<StoreWritten, { readonly kind: 'sqlite' }>;

export function resolveStore(written: StoreWritten, context: ResolveContext): StoreConfig {
  if (written.kind === 'sqlite') return { kind: 'sqlite', path: absolutePath(written.path, context.baseDir) };
  const remote = resolveRemote(written, context);
  switch (written.kind) {
    case 'etcd':
      return { kind: 'etcd', endpoints: resolveUrls(written.endpoints, { written, context }), ...remote };
    case 'zookeeper':
      return { kind: 'zookeeper', endpoints: written.endpoints, ...remote };
    case 'postgres':
    case 'mysql':
      needUser(written, context);
      return { kind: written.kind, endpoints: written.endpoints, database: written.database, ...remote };
  }
}

function resolveRemote(written: RemoteWritten, context: ResolveContext): RemoteStoreConfig {
  const { username, password, tls, callTimeout } = written;
  if (password !== undefined && username === undefined) {
    // Not at the password itself: a message shows the value at its path.
    const reason = 'the key is missing, a password without a username lets nobody in';
    context.report({ path: [...PATH, 'username'], reason, remedy: 'Write the username beside the password' });
  }
  return {
    username: username ?? null,
    password: password === undefined ? null : new Secret(password),
    tls: tls === undefined ? null : resolveTls(tls, context),
    callTimeoutMs: callTimeout,
  };
}

function resolveTls(tls: NonNullable<RemoteWritten['tls']>, context: ResolveContext): StoreTlsConfig {
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    const path = [...PATH, 'tls', tls.cert === undefined ? 'cert' : 'key'];
    context.report({ path, reason: 'a certificate and its key belong together', remedy: 'Write both or neither' });
  }
  for (const name of ['ca', 'cert', 'key'] as const) {
    if (tls[name] === undefined || tls[name].includes('-----BEGIN ')) continue;
    const remedy = `Write ${name}: \${file:/path/to/${name}.pem}`;
    // At the map: what stands there instead may be a secret all the same.
    context.report({
      path: [...PATH, 'tls'],
      point: 'key',
      reason: `expected the text of a PEM file in ${name}`,
      remedy,
    });
  }
  return {
    ca: tls.ca ?? null,
    cert: tls.cert ?? null,
    key: tls.key === undefined ? null : new Secret(tls.key),
    serverName: tls.serverName ?? null,
  };
}

function resolveUrls(
  endpoints: readonly string[],
  { written, context }: { readonly written: RemoteWritten; readonly context: ResolveContext },
): readonly string[] {
  return endpoints.flatMap((text, index) => {
    const path = [...PATH, 'endpoints', index];
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
      const remedy = 'Write a URL such as https://192.0.2.10:2379';
      context.report({ path, reason: 'expected an http or https URL', remedy });
      return [];
    }
    if (url.username !== '' || url.password !== '') {
      const remedy = 'Write username: and password: beside endpoints:';
      context.report({ path, reason: 'a URL is shown in reports and must not hold a password', remedy });
      return [];
    }
    if (written.tls !== undefined && url.protocol === 'http:') {
      context.report({
        path,
        reason: 'tls: is of no use over http',
        remedy: `Write ${text.replace('http:', 'https:')}`,
      });
    }
    return [url.origin];
  });
}

function needUser({ username }: RemoteWritten, context: ResolveContext): void {
  if (username !== undefined) return;
  context.report({
    path: [...PATH, 'username'],
    reason: 'the key is missing',
    remedy: 'Write the user of the database',
  });
}
