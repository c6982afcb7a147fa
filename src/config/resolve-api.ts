// Resolves the listener of the API: the certificate must be one, and the key must be its key.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { Secret } from '../base/secret.ts';
import type { ApiTlsConfig } from './api-config.ts';
import type { ConfigFinding } from './config-problem.ts';
import type { ResolveContext } from './resolve-context.ts';
import type { ApiWritten } from './schema/api-schema.ts';

const PATH = ['cluster', 'api', 'tls'] as const;

export function resolveApiTls({ tls }: ApiWritten, context: ResolveContext): ApiTlsConfig | null {
  if (tls === undefined) return null;
  const finding = notPem(tls) ?? notAPair(tls);
  if (finding !== null) context.report(finding);
  return { cert: tls.cert, key: new Secret(tls.key) };
}

type TlsWritten = NonNullable<ApiWritten['tls']>;

function notPem(tls: TlsWritten): ConfigFinding | null {
  const name = (['cert', 'key'] as const).find((key) => !tls[key].includes('-----BEGIN '));
  if (name === undefined) return null;
  // At the map: what stands at the key itself may be a secret.
  return at(`expected the text of a PEM file in ${name}`, `Write ${name}: \${file:/path/to/${name}.pem}`);
}

function notAPair({ cert, key }: TlsWritten): ConfigFinding | null {
  const certificate = readCertificate(cert);
  if (certificate === null)
    return at('cert holds no certificate that can be read', 'Write the PEM text of an X.509 certificate');
  const privateKey = readKey(key);
  if (privateKey === null)
    return at('key holds no private key that can be read', 'Write the PEM text of a key without a passphrase');
  if (certificate.checkPrivateKey(privateKey)) return null;
  return at('key is not the key of cert', 'Write the key that the certificate was made with');
}

/** The first certificate of the text; null when it is none. */
function readCertificate(text: string): X509Certificate | null {
  try {
    return new X509Certificate(text);
  } catch {
    return null;
  }
}

function readKey(text: string): ReturnType<typeof createPrivateKey> | null {
  try {
    return createPrivateKey(text);
  } catch {
    return null;
  }
}

function at(reason: string, remedy: string): ConfigFinding {
  return { path: PATH, point: 'key', reason, remedy };
}
