// What a check looks at, resolved for one node: one shape for each kind, and groups of them. Plain data, because the
// configuration is stored, compared and shown.
import type { Secret } from '../base/secret.ts';
import type { Command } from './command-config.ts';

export type CheckTarget = SingleTarget | GroupTarget;

/** One look at one address. */
export type SingleTarget =
  | HttpTarget
  | TcpTarget
  | TlsTarget
  | DnsTarget
  | IcmpTarget
  | GrpcTarget
  | SqlTarget
  | RedisTarget
  | ExecTarget;

/** Several looks side by side under one deadline: passes when `atLeast` of them pass. `all` and `any` are cases of it. */
export type GroupTarget = {
  readonly kind: 'group';
  readonly atLeast: number;
  readonly parts: readonly CheckTarget[];
};

export type HttpTarget = {
  readonly kind: 'http';
  readonly url: string;
  readonly method: 'GET' | 'HEAD';
  /** Values are secrets because credentials travel in headers. */
  readonly headers: readonly (readonly [name: string, value: Secret])[];
  /** Accepted status codes, as inclusive ranges [200-299]. */
  readonly status: readonly (readonly [from: number, to: number])[];
  /** Text that the first 64 KiB of the body must contain, or null. */
  readonly bodyContains: string | null;
  /** Pattern (src/base/text-pattern.ts) that must match somewhere in the first 64 KiB of the body, or null. */
  readonly bodyMatches?: string | null;
  /** What the body must say as JSON, or null. */
  readonly json?: JsonExpectation | null;
  /** false accepts any certificate [true]. */
  readonly verifyTls: boolean;
  readonly proxy?: ProxyTarget | null;
};

export type JsonScalar = string | number | boolean | null;

export type JsonExpectation = {
  readonly path: readonly (string | number)[];
  /** The value must be one of these, or a number within the bounds. */
  readonly test:
    | { readonly kind: 'oneOf'; readonly values: readonly JsonScalar[] }
    | { readonly kind: 'range'; readonly atLeast: number | null; readonly atMost: number | null };
};

export type TcpTarget = {
  readonly kind: 'tcp';
  readonly host: string;
  readonly port: number;
  readonly proxy?: ProxyTarget | null;
};

export type TlsTarget = {
  readonly kind: 'tls';
  readonly host: string;
  readonly port: number;
  readonly tls: ClientTls;
  /** Whole days that the certificate must still be valid, or null. */
  readonly minDaysToExpiry: number | null;
  readonly proxy: ProxyTarget | null;
};

/** How a server is recognised; null: the roots of this machine, and the host as the name. */
export type ClientTls = {
  readonly ca: string | null;
  readonly serverName: string | null;
  /** false accepts any certificate [true]. */
  readonly verify: boolean;
};

export type DnsRecordType = 'A' | 'AAAA' | 'CNAME' | 'NS' | 'PTR' | 'TXT' | 'MX' | 'SOA';

export type DnsTarget = {
  readonly kind: 'dns';
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly type: DnsRecordType;
  /** Response code by its mnemonic [NOERROR]. */
  readonly rcode: 'NOERROR' | 'SERVFAIL' | 'NXDOMAIN' | 'REFUSED';
  /** Exactly these values in any order; null: any. */
  readonly values: readonly string[] | null;
  /** Asks for recursion; without it the answer must be authoritative. */
  readonly isRecursive: boolean;
  /** How long the client waits by itself; the deadline of the check is not shorter. */
  readonly waitMs: number;
};

export type IcmpTarget = {
  readonly kind: 'icmp';
  readonly host: string;
  /** How long `ping` waits for the reply: less than the timeout, so that it can say that none came (S23). */
  readonly waitMs: number;
};

export type GrpcTarget = {
  readonly kind: 'grpc';
  readonly host: string;
  readonly port: number;
  /** Name of the service that is asked about; empty: the whole server. */
  readonly service: string;
  readonly tls: ClientTls | null;
};

export type SqlTarget = ({ readonly kind: 'postgres' } & SqlLook) | ({ readonly kind: 'mysql' } & SqlLook);

type SqlLook = {
  readonly host: string;
  readonly port: number;
  readonly database: string | null;
  readonly username: string;
  readonly password: Secret | null;
  readonly tls: ClientTls | null;
  /** How long the server may work on the query: a little less than the timeout, so that none is left behind. */
  readonly waitMs: number;
  /** null: being let in is enough. */
  readonly query: string | null;
  /** What the first column of the first row must be as text; null: the query need only succeed. */
  readonly expect: string | null;
};

export type RedisTarget = {
  readonly kind: 'redis';
  readonly host: string;
  readonly port: number;
  readonly username: string | null;
  readonly password: Secret | null;
  readonly tls: ClientTls | null;
  /** Part that the server must play, or null: any. */
  readonly role: 'primary' | 'replica' | null;
};

export type ExecTarget = { readonly kind: 'exec'; readonly command: Command };

/** Through which a check goes; the proxy resolves names itself. */
export type ProxyTarget = {
  readonly kind: 'http' | 'socks5';
  readonly host: string;
  readonly port: number;
  readonly username: string | null;
  readonly password: Secret | null;
};
