// Places a finding in its file: line, column, the value as written. The last door before something is shown, so secrets
// are removed here whatever a rule has put into its words.
import { redact, type Secret } from '../base/secret.ts';
import type { ConfigFinding, ConfigPath, ConfigProblem } from './config-problem.ts';
import { pathText } from './path-text.ts';
import { valueAt } from './value-at.ts';
import type { YamlSource } from './yaml-source.ts';

export function placeProblem(
  finding: ConfigFinding,
  options: { readonly file: string; readonly source: YamlSource; readonly secrets: readonly Secret[] },
): ConfigProblem {
  const { file, source, secrets } = options;
  const { path, point = 'value' } = finding;
  return {
    file,
    ...source.positionOf(path, point),
    path: pathText(path),
    value: point === 'key' ? null : shown(source.tree, path),
    reason: redact(finding.reason, secrets),
    remedy: redact(finding.remedy, secrets),
    rule: finding.rule ?? null,
    code: finding.code ?? 'ONEUP_CONFIG_INVALID',
    severity: finding.severity ?? 'problem',
  };
}

const VALUE_MAX_LENGTH = 80;
/** What stands below these keys is secret even when it is written out. */
const SECRET_KEYS: readonly (string | number)[] = [
  'env',
  'headers',
  'secret',
  'token',
  'accessKeyId',
  'apiKey',
  'apiToken',
  'secretAccessKey',
  'sessionToken',
];

function shown(tree: unknown, path: ConfigPath): string | null {
  const value = valueAt(tree, path);
  // Maps and lists are seen in the file; only a single value helps to find the mistake.
  if (value === undefined || (typeof value === 'object' && value !== null)) return null;
  if (path.some((part) => SECRET_KEYS.includes(part))) return '***';
  // Passwords in URLs are refused, and the message about it must not be the place that shows one.
  const text = JSON.stringify(value).replace(/\/\/[^/"\s]*@/g, '//***@');
  return text.length <= VALUE_MAX_LENGTH ? text : `${text.slice(0, VALUE_MAX_LENGTH)}...`;
}
