// What CUTOVER does with a provider, from the node that was verified to the change that the provider confirms: list, plan, write,
// confirm. Waiting for TTLs and asking name servers comes after it and is not the provider's.
import type { DnsIntent } from '../../src/failover/intent.ts';
import { managedNames } from '../../src/plan/ownership.ts';
import type { DnsProvider } from '../../src/ports/dns-provider.ts';
import { NAME, planFrom, ZONE } from '../../test/conformance/provider-samples.ts';

export type FailoverStep = {
  readonly intent: DnsIntent;
  readonly confirmed: DnsIntent | null;
  readonly signal: AbortSignal;
};

export async function failOver(provider: DnsProvider, { intent, confirmed, signal }: FailoverStep): Promise<void> {
  const current = await provider.list(ZONE, { names: managedNames(NAME), signal });
  const planned = planFrom(current, intent, confirmed);
  if (planned.kind !== 'write') throw new Error(`Cannot fail over: the plan is ${JSON.stringify(planned)}`);
  const { changes, ownershipAfter } = planned.write;
  const result = await provider.apply(ZONE, changes, { idempotencyKey: ownershipAfter, signal });
  if (result.kind !== 'applied') throw new Error(`Cannot fail over: ${JSON.stringify(result)}`);
  for (;;) if ((await provider.confirm(result.changeId, { signal })) === 'insync') return;
}
