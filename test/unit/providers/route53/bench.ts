// What the tests of the Route 53 provider share: a double with one zone, a client of it, and a foreign hand.
import { randomUUID } from 'node:crypto';
import type { Route53ProviderOptions } from '../../../../providers/route53/index.ts';
import type { Rrset } from '../../../../src/dns/rrset.ts';
import type { RrsetChange } from '../../../../src/plan/rrset-change.ts';
import type { ApplyResult, DnsProvider } from '../../../../src/ports/dns-provider.ts';
import { NAMES, OTHER_ZONE, ZONE } from '../../../conformance/provider-samples.ts';
import type { AccessKey } from '../../../doubles/route53/access.ts';
import { Route53Double } from '../../../doubles/route53/route53-double.ts';
import { route53Client } from '../../../support/provider-world-route53.ts';

type Fields = Parameters<Route53Double['zones']['change']>[1];

export class Route53Bench implements AsyncDisposable {
  readonly double: Route53Double;
  readonly zoneId: string;
  readonly key: AccessKey;
  readonly provider: DnsProvider;

  private constructor(double: Route53Double) {
    this.double = double;
    this.zoneId = double.zones.create(ZONE);
    double.zones.create(OTHER_ZONE);
    this.key = double.addKey();
    this.provider = this.connect();
  }

  static async open(): Promise<Route53Bench> {
    return new Route53Bench(await Route53Double.start());
  }

  connect(rest: Partial<Route53ProviderOptions> = {}, key = this.key): DnsProvider {
    return route53Client(this.double, key, rest);
  }

  apply(
    changes: readonly RrsetChange[],
    { by = this.provider, signal = new AbortController().signal, zone = ZONE } = {},
  ): Promise<ApplyResult> {
    return by.apply(zone, changes, { idempotencyKey: randomUUID(), signal });
  }

  list(names: readonly string[] = NAMES, by = this.provider): Promise<readonly Rrset[]> {
    return by.list(ZONE, { names, signal: new AbortController().signal });
  }

  /** What somebody else does in the zone, by another client. */
  edit(...sets: readonly Fields[]): void {
    const changes = sets.map((ResourceRecordSet) => ({ Action: 'UPSERT', ResourceRecordSet }));
    this.double.zones.change(this.zoneId, { Changes: changes }, Date.now());
  }

  /** Calls that arrived since the last time it was asked. */
  calls(): readonly string[] {
    return this.double.seen.splice(0).map(({ operation }) => operation);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.double[Symbol.asyncDispose]();
  }
}

/** A simple set as the service holds it. */
export function held(name: string, type: string, values: readonly string[], more: Fields = {}): Fields {
  return { Name: name, Type: type, TTL: 120, ResourceRecords: values.map((value) => ({ Value: value })), ...more };
}
