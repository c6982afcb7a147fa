// Resolved entries of `providers`: where records live, and with what rights oneup writes there. One type for each kind; the
// folder providers/KIND says what its API can do.
import type { DomainName } from '../base/ids.ts';
import type { Secret } from '../base/secret.ts';
import type { CallBudget } from '../plan/call-budget.ts';
import type { Endpoint } from './endpoint.ts';

export type ProviderConfig = BuiltinProviderConfig | ExternalProviderConfig;

/** The zones of `dns`, which oneup serves itself. */
export type BuiltinProviderConfig = { readonly name: string; readonly kind: 'builtin' };

/** Zones that somebody else serves. */
export type ExternalProviderConfig =
  | Rfc2136ProviderConfig
  | PowerDnsProviderConfig
  | Route53ProviderConfig
  | CloudflareProviderConfig;

export type ProviderKind = ProviderConfig['kind'];

type ExternalCommon = {
  readonly name: string;
  /** The zones that this entry may write, at least one; exactly one where the provider knows it by an id. */
  readonly zones: readonly DomainName[];
  /** Longest wait for one answer of the provider [5s]. */
  readonly timeoutMs: number;
  /** Name servers that are asked whether the world sees a change, in place of those that the zone names. */
  readonly servers: readonly Endpoint[];
  /** When the managed records are looked at, in UTC; null: never [every 5 minutes]. */
  readonly driftCron: string | null;
  /** What the provider counts calls by: entries with one account share one budget [the kind]. */
  readonly account: string;
  /** Null: calls are not limited. */
  readonly budget: CallBudget | null;
};

export type TsigAlgorithm = 'hmac-sha224' | 'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512';

/** A key of RFC 8945; `secret` is base64. */
export type TsigConfig = { readonly name: DomainName; readonly algorithm: TsigAlgorithm; readonly secret: Secret };

/** Where updates go: one primary, and always the same one (S27). */
type UpdateTarget = { readonly server: Endpoint; readonly tsig: TsigConfig };

export type Rfc2136ProviderConfig = ExternalCommon & UpdateTarget & { readonly kind: 'rfc2136' };

export type PowerDnsProviderConfig = ExternalCommon &
  UpdateTarget & {
    readonly kind: 'powerdns';
    /** `url` without a path; `serverId` is `localhost` on every server that is not a proxy of others. */
    readonly api: { readonly url: string; readonly apiKey: Secret; readonly serverId: string };
  };

export type Route53ProviderConfig = ExternalCommon & {
  readonly kind: 'route53';
  readonly hostedZoneId: string;
  /** Null: Route 53 has one place for all regions. */
  readonly region: string | null;
  /** Another address of the API; null: that of AWS. */
  readonly endpoint: string | null;
  readonly credentials: AwsCredentialsConfig;
  /** Taken with `credentials`, when the records belong to another account. */
  readonly assumeRole: AssumeRoleConfig | null;
};

/** `default`: what the SDK finds by itself, such as the role of the machine. */
export type AwsCredentialsConfig =
  | { readonly kind: 'default' }
  | { readonly kind: 'profile'; readonly profile: string }
  | {
      readonly kind: 'keys';
      readonly accessKeyId: Secret;
      readonly secretAccessKey: Secret;
      readonly sessionToken: Secret | null;
    };

export type AssumeRoleConfig = {
  readonly roleArn: string;
  readonly externalId: string | null;
  readonly sessionName: string;
};

export type CloudflareProviderConfig = ExternalCommon & {
  readonly kind: 'cloudflare';
  readonly zoneId: string;
  readonly apiToken: Secret;
  /** Another address of the API; null: that of Cloudflare. */
  readonly endpoint: string | null;
};
