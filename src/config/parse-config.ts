// Text to a frozen Config, or everything that is wrong with it. Pure: environment, files and the addresses of the machine
// are parameters, so the same text gives the same answer.
import { deepFreeze } from '../base/deep-freeze.ts';
import { err, ok, type Result } from '../base/result.ts';
import { Secret } from '../base/secret.ts';
import { checkLocality } from './check-locality.ts';
import type { Config } from './config.ts';
import type { ConfigFinding, ConfigPath, ConfigProblem } from './config-problem.ts';
import { maskSecrets } from './mask-secrets.ts';
import { notTheCluster } from './other-files.ts';
import { writtenSecrets } from './own-secrets.ts';
import { pathText } from './path-text.ts';
import { placeProblem } from './place-problem.ts';
import { type ReferenceSources, type ResolvedReferences, resolveReferences } from './references.ts';
import { resolveSections } from './resolve-sections.ts';
import { readYaml, type YamlSource } from './yaml-source.ts';

export type ParseOptions = ReferenceSources & {
  /** Name of the file in messages. */
  readonly fileName: string;
  /** Addresses of this machine; null leaves out the rules of check-locality. */
  readonly localAddresses: readonly string[] | null;
};

export type ParsedConfig = {
  readonly config: Config;
  /** What is accepted but should be known; in the order of the file. */
  readonly warnings: readonly ConfigProblem[];
};

/** Longest text accepted, in characters; the same bound keeps files and store records small enough to compare and send. */
export const CONFIG_TEXT_MAX = 1_048_576;

/** Never throws. On error: all problems at once, in the order of the file, warnings left out. Safe to repeat. */
export function parseConfig(text: string, options: ParseOptions): Result<ParsedConfig, readonly ConfigProblem[]> {
  const { fileName: file } = options;
  if (text.length > CONFIG_TEXT_MAX) return err([{ ...START_OF_FILE, ...TOO_LONG, file }]);
  const yaml = readYaml(text);
  if (!yaml.ok)
    return err(yaml.error.map((fault) => ({ ...START_OF_FILE, ...fault, path: pathText(fault.path), file })));
  const other = notTheCluster(yaml.value.tree);
  if (other !== null) return err([{ ...START_OF_FILE, ...other, file }]);
  const references = resolveReferences(yaml.value.tree, options);
  const written = writtenSecrets(yaml.value.tree).map(({ value }) => value);
  const secrets = [...new Set([...references.values.values(), ...written])].map((value) => new Secret(value));
  const { config, findings } = resolveAll(yaml.value, { references, secrets, options });
  const all = inOrder(findings.map((finding) => placeProblem(finding, { file, source: yaml.value, secrets })));
  const problems = all.filter(({ severity }) => severity === 'problem');
  if (problems.length > 0 || config === null) return err(problems);
  return ok({ config: deepFreeze(maskSecrets(config)), warnings: all });
}

const START_OF_FILE = {
  line: 1,
  column: 1,
  path: '',
  value: null,
  rule: null,
  code: 'ONEUP_CONFIG_INVALID',
  severity: 'problem',
} as const;

const TOO_LONG = {
  reason: `the text is longer than ${CONFIG_TEXT_MAX} characters`,
  remedy: 'Split the cluster in two, or remove what is not configuration',
};

type Resolved = { readonly config: Config | null; readonly findings: readonly ConfigFinding[] };

function resolveAll(
  source: YamlSource,
  given: {
    readonly references: ResolvedReferences;
    readonly secrets: readonly Secret[];
    readonly options: ParseOptions;
  },
): Resolved {
  const { references, secrets, options } = given;
  const { baseDir, localAddresses } = options;
  const written = writtenSecrets(source.tree);
  const { sections, findings } = resolveSections(references.tree, {
    raw: source.tree,
    references: references.values,
    baseDir,
  });
  // A value that could not be fetched is empty, and whatever else is said about it would only confuse.
  const unfetched = new Set(references.findings.map(({ path }) => pathText(path)));
  const others = findings.filter(({ path }) => !unfetched.has(pathText(path)));
  const config = sections === null ? null : { ...sections, secrets };
  const locality = config === null || localAddresses === null ? [] : checkLocality(config, localAddresses);
  return { config, findings: [...references.findings, ...written.map(mustNotStandHere), ...others, ...locality] };
}

/** This text is what the store keeps. A file of its own is read by src/config/load.ts, which takes such secrets out. */
function mustNotStandHere({ path }: { readonly path: ConfigPath }): ConfigFinding {
  return {
    path,
    reason: 'a secret must not stand here, where it would reach the store',
    remedy: 'Write ${env:NAME} or ${file:/path}',
    rule: 'S7',
  };
}

/** By place in the file, each thing said once though several nodes share the line. */
function inOrder(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const unique = new Map(problems.map((problem) => [`${problem.path} ${problem.reason}`, problem]));
  return [...unique.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}
