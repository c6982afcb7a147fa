// The file of an agent: text to a frozen value, or everything that is wrong with it, in the words of the big configuration.
import { deepFreeze } from '../base/deep-freeze.ts';
import { err, ok, type Result } from '../base/result.ts';
import { Secret } from '../base/secret.ts';
import { absolutePath } from './absolute-path.ts';
import type { Endpoint } from './config.ts';
import type { ConfigFinding, ConfigProblem } from './config-problem.ts';
import { describeIssue, findSchemaFaults } from './find-schema-faults.ts';
import { notAnAgent } from './other-files.ts';
import { pathText } from './path-text.ts';
import { placeProblem } from './place-problem.ts';
import { type ReferenceSources, resolveReferences } from './references.ts';
import { findJobFaults, type JobConfig, resolveJobs } from './resolve-jobs.ts';
import { agentFileSchema } from './schema/agent-file-schema.ts';
import { readYaml } from './yaml-source.ts';

export type AgentFile = {
  readonly cluster: string;
  readonly agent: string;
  /** Where they listen for agents, in the order in which they are tried. */
  readonly probers: readonly Endpoint[];
  /** null: plain HTTP, to probers that listen on loopback. */
  readonly tls: { readonly ca: string | null; readonly serverName: string | null } | null;
  readonly token: Secret;
  /** Absolute. */
  readonly stateDir: string;
  readonly watchdog: string | null;
  readonly jobs: readonly JobConfig[];
};

const TEXT_MAX = 65_536;
const START = { line: 1, column: 1, path: '', value: null, rule: null, severity: 'problem' } as const;

/** Never throws. Safe to repeat. */
export function parseAgentFile(
  text: string,
  options: ReferenceSources & { readonly fileName: string },
): Result<AgentFile, readonly ConfigProblem[]> {
  const { fileName: file, baseDir } = options;
  if (text.length > TEXT_MAX) return err([{ ...START, ...TOO_LONG, file, code: 'ONEUP_CONFIG_INVALID' }]);
  const yaml = readYaml(text);
  if (!yaml.ok)
    return err(
      yaml.error.map((fault) => ({
        ...START,
        code: 'ONEUP_CONFIG_INVALID',
        ...fault,
        path: pathText(fault.path),
        file,
      })),
    );
  const other = notAnAgent(yaml.value.tree);
  if (other !== null) return err([{ ...START, ...other, file, code: 'ONEUP_CONFIG_INVALID' }]);
  const { tree, values, findings } = resolveReferences(yaml.value.tree, options);
  const secrets = [...new Set(values.values())].map((value) => new Secret(value));
  const parsed = agentFileSchema.safeParse(tree, { error: describeIssue });
  const faults: readonly ConfigFinding[] = parsed.success
    ? [...origins(parsed.data.probers), ...findJobFaults(parsed.data.jobs, yaml.value.tree)]
    : findSchemaFaults(parsed.error.issues, { tree, base: [] });
  const problems = [...findings, ...faults].map((finding) =>
    placeProblem(finding, { file, source: yaml.value, secrets }),
  );
  if (!parsed.success || problems.length > 0) return err(problems);
  const { cluster, agent, ca = null, serverName = null, token, stateDir, watchdog = null } = parsed.data;
  const urls = parsed.data.probers.map((text) => new URL(text));
  const tls = urls.every(({ protocol }) => protocol === 'https:') ? { ca, serverName } : null;
  const written = { cluster, agent, probers: urls.map(endpointOf), tls, token: new Secret(token), watchdog };
  const jobs = resolveJobs(parsed.data.jobs, baseDir);
  return ok(deepFreeze({ ...written, jobs, stateDir: absolutePath(stateDir, baseDir) }));
}

function endpointOf({ hostname, port, protocol }: URL): Endpoint {
  const host = hostname.replace(/^\[|\]$/g, '');
  return { host, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) };
}

const TOO_LONG = { reason: `the text is longer than ${TEXT_MAX} characters`, remedy: 'Name the file of an agent' };

/** Addresses, as a URL has them, and not names that begin like one. */
const NEAR = /^(?:localhost|\[::1\]|127(?:\.\d{1,3}){3})$/;

/** A token travels to each of them, so the line must be closed, but for one that never leaves the machine. */
function origins(probers: readonly string[]): readonly ConfigFinding[] {
  return probers.flatMap((text, index): readonly ConfigFinding[] => {
    const path = ['probers', index];
    if (!URL.canParse(text))
      return [{ path, reason: 'expected an address such as https://203.0.113.10:7800', remedy: 'Write it so' }];
    const { protocol, hostname, pathname, search, username } = new URL(text);
    if (pathname !== '/' || search !== '' || username !== '')
      return [{ path, reason: 'expected no more than scheme, host and port', remedy: 'Remove the rest' }];
    const isNear = NEAR.test(hostname);
    const isPlain = protocol === 'http:' && isNear;
    if (isPlain && probers.some((other) => URL.canParse(other) && new URL(other).protocol === 'https:'))
      return [{ path, reason: 'expected https: as for the other probers', remedy: 'Write https:// for all of them' }];
    if (protocol === 'https:' || isPlain) return [];
    return [{ path, reason: 'expected https: the token must not be read on the way', remedy: 'Write https://' }];
  });
}
