// What the cross-checks look at: the sections that could be read. A rule that needs a missing section says nothing, so that
// one mistake is reported once.
import type { ClusterConfig, DnsConfig, ServiceConfig } from './config.ts';
import type { ConfigFinding } from './config-problem.ts';
import type { ProviderConfig } from './provider-config.ts';

export type RuleDraft = {
  readonly cluster: ClusterConfig | null;
  readonly dns: DnsConfig | null;
  readonly providers: readonly ProviderConfig[] | null;
  /** Services whose own section could be read. */
  readonly services: readonly ServiceConfig[];
};

export type ConfigRule = (draft: RuleDraft) => readonly ConfigFinding[];
