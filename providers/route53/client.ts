// The SDK's client, told to do no more than it is asked: one attempt, bounded waits, a connection for each call. A connection
// that was kept may be closed by the other side just when it is used, and the outcome of that write would be unknown (S26).
import { Route53Client, type Route53ClientConfig } from '@aws-sdk/client-route-53';
import type { Secret } from '../../src/base/secret.ts';

/** `default`: what the SDK finds by itself, such as the role of the machine. */
export type Route53Credentials =
  | { readonly kind: 'default' }
  | { readonly kind: 'profile'; readonly profile: string }
  | {
      readonly kind: 'keys';
      readonly accessKeyId: Secret;
      readonly secretAccessKey: Secret;
      readonly sessionToken: Secret | null;
    };

/** A role that is taken with the credentials, for records of another account. */
export type Route53Role = {
  readonly roleArn: string;
  readonly externalId: string | null;
  readonly sessionName: string;
};

export type Route53ClientOptions = {
  readonly credentials: Route53Credentials;
  readonly assumeRole: Route53Role | null;
  /** Null: us-east-1, which requests to the one place of Route 53 are signed for. */
  readonly region: string | null;
  /** Another address of the API; null: that of AWS. */
  readonly endpoint: string | null;
  /** Another address of the Security Token Service, which gives out roles; null: that of AWS. */
  readonly stsEndpoint?: string | null;
  /** Longest wait for one answer, credentials included. */
  readonly timeoutMs: number;
};

const REGION = 'us-east-1';
/** A server that is reachable answers the first packet long before. */
const CONNECT_TIMEOUT_MS = 3_000;
const SOCKETS_MAX = 16;
/** A role is taken for an hour, the most that every role allows; the SDK renews it five minutes before. */
const ROLE_SECONDS = 3_600;

export function createClient(options: Route53ClientOptions): Route53Client {
  const { endpoint, credentials, assumeRole } = options;
  return new Route53Client({
    ...transport(options),
    ...(endpoint === null ? {} : { endpoint }),
    ...(credentials.kind === 'profile' ? { profile: credentials.profile } : {}),
    ...(assumeRole === null ? keysOf(credentials) : { credentials: roleOf(assumeRole, options) }),
  });
}

/** What every secret of the options is, so that no message repeats one. */
export function secretsOf({ credentials }: Route53ClientOptions): readonly Secret[] {
  if (credentials.kind !== 'keys') return [];
  const { secretAccessKey, sessionToken } = credentials;
  return sessionToken === null ? [secretAccessKey] : [secretAccessKey, sessionToken];
}

function transport({ region, timeoutMs }: Route53ClientOptions) {
  return {
    region: region ?? REGION,
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: Math.min(timeoutMs, CONNECT_TIMEOUT_MS),
      requestTimeout: timeoutMs,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: false, maxSockets: SOCKETS_MAX },
      httpsAgent: { keepAlive: false, maxSockets: SOCKETS_MAX },
    },
  } satisfies Route53ClientConfig;
}

function keysOf(credentials: Route53Credentials): Pick<Route53ClientConfig, 'credentials'> {
  if (credentials.kind !== 'keys') return {};
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  return {
    credentials: {
      accessKeyId: accessKeyId.reveal(),
      secretAccessKey: secretAccessKey.reveal(),
      ...(sessionToken === null ? {} : { sessionToken: sessionToken.reveal() }),
    },
  };
}

/** The package of the providers is heavy and needed by few, so it is loaded at the first use. */
function roleOf({ roleArn, externalId, sessionName }: Route53Role, options: Route53ClientOptions) {
  const { stsEndpoint = null, credentials } = options;
  const { credentials: own } = keysOf(credentials);
  let provide: Promise<NonNullable<Extract<Route53ClientConfig['credentials'], (...args: never[]) => unknown>>> | null =
    null;
  return async (properties?: object) => {
    provide ??= import('@aws-sdk/credential-providers').then(({ fromTemporaryCredentials }) =>
      fromTemporaryCredentials({
        ...(own === undefined ? {} : { masterCredentials: own }),
        params: {
          RoleArn: roleArn,
          RoleSessionName: sessionName,
          DurationSeconds: ROLE_SECONDS,
          ...(externalId === null ? {} : { ExternalId: externalId }),
        },
        clientConfig: {
          ...transport(options),
          ...(credentials.kind === 'profile' ? { profile: credentials.profile } : {}),
          ...(stsEndpoint === null ? {} : { endpoint: stsEndpoint }),
        },
      }),
    );
    return (await provide)(properties as never);
  };
}
