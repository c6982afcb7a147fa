// Rules about the zones: who serves them, and which records may stand in them beside the managed names.
import { closestWord } from './closest-word.ts';
import type { ZoneConfig } from './config.ts';
import type { ConfigFinding, ConfigPath } from './config-problem.ts';
import { findDuplicates } from './find-duplicates.ts';
import type { ConfigRule, RuleDraft } from './rule-draft.ts';

export const DNS_RULES: readonly ConfigRule[] = [
  zonesDiffer,
  nameServersExist,
  nameServersDiffer,
  nameServersListen,
  soaTimersRise,
];

function zonesDiffer({ dns }: RuleDraft): readonly ConfigFinding[] {
  return findDuplicates((dns?.zones ?? []).map(({ name }) => name)).map(({ value, index, firstIndex }) => ({
    path: ['dns', 'zones', index, 'name'],
    reason: `zone ${value} is already written in zones[${firstIndex}]`,
    remedy: 'Write each zone once',
  }));
}

function nameServersExist({ cluster, dns }: RuleDraft): readonly ConfigFinding[] {
  if (cluster === null) return [];
  const probers = cluster.probers.map(({ id }) => id);
  return eachZone(dns?.zones ?? [], (zone, path) =>
    zone.nameServers.flatMap(({ prober }, index) => {
      if (probers.includes(prober)) return [];
      const near = closestWord(prober, probers);
      const remedy = near === null ? `Write one of ${probers.join(', ')}` : `Did you mean ${near}?`;
      return [{ path: [...path, 'ns', index], reason: `there is no prober ${prober}`, remedy }];
    }),
  );
}

function nameServersDiffer({ dns }: RuleDraft): readonly ConfigFinding[] {
  return eachZone(dns?.zones ?? [], ({ nameServers }, path) => {
    const ids = findDuplicates(nameServers.map(({ prober }) => prober)).map(({ value, index }) => ({
      path: [...path, 'ns', index],
      reason: `prober ${value} is named twice`,
      remedy: 'Name each name server once',
    }));
    if (ids.length > 0) return ids;
    return findDuplicates(nameServers.map(({ name }) => name)).map(({ value, index }) => ({
      path: [...path, 'nsNames', nameServers[index]?.prober ?? ''],
      reason: `two name servers have the name ${value}`,
      remedy: 'Give each name server its own name',
    }));
  });
}

/** A zone delegated to a server that does not listen is lame there (RFC 1912 section 2.8). */
function nameServersListen({ cluster, dns }: RuleDraft): readonly ConfigFinding[] {
  const mute = new Set((cluster?.probers ?? []).filter(({ listen }) => listen.length === 0).map(({ id }) => id));
  return eachZone(dns?.zones ?? [], (zone, path) =>
    zone.nameServers.flatMap(({ prober }, index) => {
      if (!mute.has(prober)) return [];
      const reason = `prober ${prober} is a name server of the zone but listens nowhere`;
      return [{ path: [...path, 'ns', index], reason, remedy: `Write dns.listen, or listen: of prober ${prober}` }];
    }),
  );
}

/** RFC 1912 section 2.2. */
function soaTimersRise({ dns }: RuleDraft): readonly ConfigFinding[] {
  return eachZone(dns?.zones ?? [], ({ soa }, path) => {
    const findings: ConfigFinding[] = [];
    if (soa.retrySeconds >= soa.refreshSeconds) {
      const reason = `retry must be shorter than refresh, which is ${soa.refreshSeconds}s`;
      findings.push({ path: [...path, 'soa', 'retry'], reason, remedy: 'Write a shorter retry', rule: 'RFC 1912 2.2' });
    }
    if (soa.expireSeconds <= soa.refreshSeconds + soa.retrySeconds) {
      const reason = 'expire must be longer than refresh and retry together';
      findings.push({
        path: [...path, 'soa', 'expire'],
        reason,
        remedy: 'Write a longer expire',
        rule: 'RFC 1912 2.2',
      });
    }
    return findings;
  });
}

function eachZone(
  zones: readonly ZoneConfig[],
  look: (zone: ZoneConfig, path: ConfigPath) => readonly ConfigFinding[],
): readonly ConfigFinding[] {
  return zones.flatMap((zone, index) => look(zone, ['dns', 'zones', index]));
}
