// Puts the values of ${env:NAME} and ${file:path} in place, and of ${own:key}, which stands where own-secrets.ts has taken a
// written secret out. Every such value counts as a secret, wherever it stands.
import { err, ok, type Result } from '../base/result.ts';
import { absolutePath } from './absolute-path.ts';
import { closestWord } from './closest-word.ts';
import type { ConfigFinding, ConfigPath } from './config-problem.ts';

/** What the outside world gives to a configuration; both are parameters so that reading one stays a pure function. */
export type ReferenceSources = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Text of a file and its permission bits, or why it cannot be read. Gets absolute paths; must not throw. */
  readonly readFile: (path: string) => Result<{ readonly text: string; readonly mode: number }, string>;
  /** Absolute directory from which relative names count. */
  readonly baseDir: string;
  /** A secret that stands in this prober's own file, by the path of its key; absent: there is no such file. */
  readonly own?: (key: string) => Result<string, Fault>;
};

export type ResolvedReferences = {
  /** The tree with every reference replaced; an unresolved one leaves an empty text and a finding. */
  readonly tree: unknown;
  /** Value of each reference by its text, such as `env:TOKEN`. */
  readonly values: ReadonlyMap<string, string>;
  readonly findings: readonly ConfigFinding[];
};

/** Bounds the files that are opened for one configuration. */
const REFERENCES_MAX = 256;
const REFERENCE = /\$\{(env|file|own):([^}]*)\}/g;
/** Someone meant a reference and forgot its kind; in commands this may be the shell's own syntax. */
const BARE_REFERENCE = /\$\{([A-Za-z_]\w*)\}/;

/** Whether a text as written holds a reference. */
export function hasReference(text: string): boolean {
  return text.search(REFERENCE) >= 0;
}

/** Whether a text as written is made of references alone. */
export function isAllReferences(text: string): boolean {
  return hasReference(text) && text.replace(REFERENCE, '') === '';
}

/** Replaces the references in one text by `values`; unknown ones become empty. */
export function fillReferences(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(REFERENCE, (_, kind: string, name: string) => values.get(`${kind}:${name}`) ?? '');
}

export function resolveReferences(tree: unknown, sources: ReferenceSources): ResolvedReferences {
  const values = new Map<string, string>();
  const faults = new Map<string, Fault>();
  const findings: ConfigFinding[] = [];
  const visit = (node: unknown, path: ConfigPath): unknown => {
    if (typeof node === 'string') return visitText(node, path);
    if (Array.isArray(node)) return node.map((item, index) => visit(item, [...path, index]));
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, visit(value, [...path, key])]));
  };
  const visitText = (text: string, path: ConfigPath): string => {
    const bare = isArgument(path) ? null : BARE_REFERENCE.exec(text);
    if (bare !== null) findings.push({ path, ...bareReference(bare[1] ?? '') });
    for (const [, kind = '', name = ''] of text.matchAll(REFERENCE)) {
      const key = `${kind}:${name}`;
      if (!values.has(key) && !faults.has(key)) {
        const isTooMany = values.size + faults.size >= REFERENCES_MAX;
        const value = isTooMany ? err(TOO_MANY) : resolveOne(kind, name, sources);
        if (value.ok) values.set(key, value.value);
        else faults.set(key, value.error);
      }
      const fault = faults.get(key);
      if (fault !== undefined) findings.push({ path, ...fault });
    }
    return fillReferences(text, values);
  };
  return { tree: visit(tree, []), values, findings };
}

/** A word of a command: `exec: [sh, -c, ...]` or `command: [sh, -c, ...]`. */
function isArgument(path: ConfigPath): boolean {
  return typeof path.at(-1) === 'number' && (path.at(-2) === 'exec' || path.at(-2) === 'command');
}

export type Fault = { readonly reason: string; readonly remedy: string };

function resolveOne(kind: string, name: string, sources: ReferenceSources): Result<string, Fault> {
  if (kind === 'env') return fromEnv(name, sources);
  if (kind === 'file') return fromFile(name, sources);
  const own = sources.own?.(name) ?? err(NO_OWN_FILE);
  return own.ok ? usable(own.value, { what: name }) : own;
}

const NO_OWN_FILE: Fault = {
  reason: 'this value stands in the file of each prober, and there is none here',
  remedy: 'Write ${env:NAME} or ${file:/path} in its place',
};

const TOO_MANY: Fault = {
  reason: `more than ${REFERENCES_MAX} different references`,
  remedy: 'Give several values in one file, or fewer of them',
};

function bareReference(name: string): Fault {
  return { reason: `\${${name}} does not say where the value comes from`, remedy: `Write \${env:${name}}` };
}

function fromEnv(name: string, { env }: ReferenceSources): Result<string, Fault> {
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    return err({ reason: `"${name}" is not a name of an environment variable`, remedy: `Write \${env:NAME}` });
  }
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  if (value === undefined) {
    const near = closestWord(name, Object.keys(env));
    const hint = near === null ? '' : `; did you mean ${near}?`;
    return err({ reason: `environment variable ${name} is not set`, remedy: `Set ${name} for this process${hint}` });
  }
  return usable(value, { what: `environment variable ${name}` });
}

function fromFile(name: string, { readFile, baseDir }: ReferenceSources): Result<string, Fault> {
  if (name === '') return err({ reason: 'the reference names no file', remedy: `Write \${file:/path}` });
  const path = absolutePath(name, baseDir);
  const file = readFile(path);
  if (!file.ok) {
    return err({
      reason: `file ${path} cannot be read: ${file.error}`,
      remedy: `Make ${path} a file that the user of oneup can read, and for a secret nobody else (mode 0600)`,
    });
  }
  const { text, mode } = file.value;
  if (!isCertificate(text)) {
    const open = openToOthers(path, mode);
    if (open !== null) return err(open);
  }
  return usable(text.replace(/\r?\n$/, ''), { what: `file ${path}` });
}

/** Certificates are shown to everybody who connects; a key beside one makes the file secret again. */
function isCertificate(text: string): boolean {
  const begins = text.match(/-----BEGIN [A-Z0-9 ]+-----/g) ?? [];
  return begins.length > 0 && begins.every((line) => line === '-----BEGIN CERTIFICATE-----');
}

/** Every permission of group and others: a secret that they can read is none. */
const OTHERS_MAY = 0o077;

/** What is wrong with the mode of a file that holds a secret; null when nothing is. */
export function openToOthers(path: string, mode: number): Fault | null {
  if ((mode & OTHERS_MAY) === 0) return null;
  const octal = (mode & 0o777).toString(8).padStart(4, '0');
  return { reason: `file ${path} is open to other users, its mode is ${octal}`, remedy: `chmod 600 ${path}` };
}

function usable(value: string, { what }: { readonly what: string }): Result<string, Fault> {
  if (value === '') return err({ reason: `${what} is empty`, remedy: 'Give it a value, or remove the reference' });
  if (value.includes('\0')) return err({ reason: `${what} holds a zero byte`, remedy: 'Store the value as text' });
  return ok(value);
}
