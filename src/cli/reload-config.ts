// `oneup reload`: this prober's file becomes the configuration in force, whole or not at all (S7). Every live prober must have
// answered that it can load it; the commit is guarded by the version that it replaces.

import { resolve } from 'node:path';
import type { ApiResponse } from '../api/api-server.ts';
import type { ApiSource } from '../api/api-source.ts';
import { recordInForce } from '../api/record-in-force.ts';
import type { ServiceId } from '../base/ids.ts';
import { OneupError } from '../base/oneup-error.ts';
import { formatProblems } from '../config/format-problems.ts';
import { loadConfig } from '../config/load.ts';
import { nextSerial } from '../dns/serial.ts';
import { formatStoredSerial, parseStoredSerial } from '../dns/stored-rrset.ts';
import type { RuleId } from '../failover/refusal.ts';
import type { Guard, StoreWrite } from '../ports/store.ts';
import { collectAnswers } from './config-proposal.ts';
import { lookBeforeReload } from './look-before-reload.ts';

export type ReloadOptions = {
  readonly force: boolean;
  readonly release: readonly ServiceId[];
  readonly actor: string;
  readonly configFile: string;
  readonly source: ApiSource;
  readonly prober: string;
  /** What the asker's -c names, so that nobody takes another file for the one that is proposed; null: nothing was named. */
  readonly named: NamedFile | null;
};

export type NamedFile = { readonly path: string; readonly digest: string | null };

export async function reloadConfig({
  force,
  release,
  configFile,
  source,
  prober,
  named,
}: ReloadOptions): Promise<ApiResponse> {
  const { store, keys, view } = source;
  const file = resolve(configFile);
  const loaded = loadConfig(configFile);
  if (!loaded.ok) {
    const problem = `Cannot reload: ${prober} cannot read its file ${file}: ${formatProblems(loaded.error)}`;
    const remedy = `Correct it where ${prober} runs. A variable is set there, and ${prober} started again: your shell does not count`;
    throw new OneupError('ONEUP_CONFIG_INVALID', problem, { remedy });
  }
  if (named !== null && named.path !== file && named.digest !== loaded.value.digest)
    return refused(
      'S7.other-file',
      `${prober} runs with ${file}, not with ${named.path}`,
      `Write ${named.path} there, or ask the prober that has it with --socket`,
    );
  const judged = await recordInForce(source);
  // Not even with --force: what goes can only be judged by what is there (S7).
  if (!judged.ok) return refused(judged.error.rule, judged.error.reason, judged.error.remedy);
  const inForce = judged.value;
  if (inForce.text === loaded.value.text)
    return { status: 200, body: { kind: 'unchanged', digest: loaded.value.digest, file, prober } };
  const answers = await collectAnswers(source, { loaded: loaded.value, prober });
  const unable = answers.filter((answer) => answer.kind !== 'able');
  if (unable.length > 0 && !force) {
    const reason = unable.map((answer) => `${answer.prober}: ${answer.reason}`).join('; ');
    return refused('S7.prober-cannot-load', reason, 'Correct it on those probers, or name them with --force');
  }
  // Looked at last, and guarded, so that nothing can begin between this look and the commit (S7, S10).
  const looked = await lookBeforeReload(source, { inForce: inForce.config, next: loaded.value.config, release });
  if (looked.kind === 'refused') return refused(looked.rule, looked.reason, looked.remedy);
  const serials = loaded.value.config.dns.zones.flatMap((zone) =>
    raiseSerial(view.get(keys.zoneSerial(zone.name)), keys.zoneSerial(zone.name)),
  );
  const result = await store.commit({
    guards: [inForce.guard, ...looked.guards, ...serials.map((entry) => entry.guard)],
    writes: [
      { kind: 'put', key: keys.config, value: loaded.value.text },
      ...looked.writes,
      ...serials.map((entry) => entry.write),
    ],
    token: source.uniqueId(),
  });
  if (result.kind === 'committed')
    return {
      status: 200,
      body: {
        kind: 'accepted',
        digest: loaded.value.digest,
        file,
        prober,
        forced: unable.map((answer) => answer.prober),
      },
    };
  return refused(
    'S7.config-changed',
    'the configuration or a zone changed at the same moment',
    'Run oneup reload again',
  );
}

/** Static records may have changed, and the same serial must mean the same bytes (S29). */
function raiseSerial(
  entry: { readonly value: string; readonly version: number } | undefined,
  key: string,
): readonly { guard: Guard; write: StoreWrite }[] {
  const parsed = entry === undefined ? null : parseStoredSerial(entry.value);
  const serial = parsed?.ok === true ? parsed.value : 0;
  return [
    {
      guard: entry === undefined ? { kind: 'absent', key } : { kind: 'version', key, version: entry.version },
      write: { kind: 'put', key, value: formatStoredSerial(nextSerial(serial)) },
    },
  ];
}

function refused(rule: RuleId, reason: string, remedy: string): ApiResponse {
  return { status: 200, body: { kind: 'refused', refusal: { rule, reason, remedy } } };
}
