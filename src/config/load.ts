// The door of this room: files, the environment and the addresses of the machine enter the configuration here.
import { networkInterfaces } from 'node:os';
import { dirname, resolve } from 'node:path';
import { err, ok, type Result } from '../base/result.ts';
import { configDigest } from './config-digest.ts';
import type { ConfigProblem } from './config-problem.ts';
import { cutOwnSecrets } from './own-secrets.ts';
import { CONFIG_TEXT_MAX, type ParsedConfig, type ParseOptions, parseConfig } from './parse-config.ts';
import { readBounded, SECRET_FILE_MAX_OCTETS, unreadable } from './read-file.ts';
import { type Fault, hasReference, openToOthers } from './references.ts';

export type LoadedConfig = ParsedConfig & {
  /** The text before any `${...}` is replaced, without a secret: what is proposed as `config/current` (S7). */
  readonly text: string;
  /** SHA-256 of `text`. */
  readonly digest: string;
};

type Loaded = Result<LoadedConfig, readonly ConfigProblem[]>;

/** Reads and parses a configuration file. Blocks while it reads; safe to repeat. */
export function loadConfig(fileName: string): Loaded {
  const file = readBounded(resolve(fileName), CONFIG_TEXT_MAX);
  if (!file.ok) return err([unreadable(fileName, file.error)]);
  const { text, secrets } = cutOwnSecrets(file.value.text);
  return parseHere(text, { fileName, own: (key) => ownSecret(key, { fileName, secrets, mode: file.value.mode }) });
}

/**
 * Parses a text that came from elsewhere, such as `config/current`, as if it were this prober's file: relative names count
 * from the directory of `fileName`, which need not exist.
 */
export function loadConfigText(text: string, fileName: string): Loaded {
  return parseHere(text, {
    fileName,
    own: (key) => {
      const file = readBounded(resolve(fileName), CONFIG_TEXT_MAX);
      if (!file.ok) return err({ reason: `${fileName} cannot be read: ${file.error}`, remedy: `Create ${fileName}` });
      const { secrets } = cutOwnSecrets(file.value.text);
      return ownSecret(key, { fileName, secrets, mode: file.value.mode });
    },
  });
}

function ownSecret(
  key: string,
  file: { readonly fileName: string; readonly secrets: ReadonlyMap<string, string>; readonly mode: number },
): Result<string, Fault> {
  const secret = file.secrets.get(key);
  if (secret === undefined) {
    const reason = `the configuration in force takes this value from the file of each prober, and ${file.fileName} has none`;
    return err({ reason, remedy: `Write ${key} into ${file.fileName}` });
  }
  // What is around the reference would be a part of the secret, and be sent as it stands.
  if (hasReference(secret)) {
    const reason = 'a secret is either written out or made of references alone';
    return err({
      reason,
      remedy: 'Put the whole of it into one variable or file, and write ${env:NAME} or ${file:/path}',
    });
  }
  const open = openToOthers(resolve(file.fileName), file.mode);
  return open === null ? ok(secret) : err(open);
}

function parseHere(
  text: string,
  { fileName, own }: Pick<ParseOptions, 'fileName'> & Required<Pick<ParseOptions, 'own'>>,
): Loaded {
  const parsed = parseConfig(text, {
    fileName,
    own,
    baseDir: dirname(resolve(fileName)),
    env: process.env,
    readFile: (path) => readBounded(path, SECRET_FILE_MAX_OCTETS),
    localAddresses: localAddresses(),
  });
  return parsed.ok ? ok({ ...parsed.value, text, digest: configDigest(text) }) : parsed;
}

/** The digest of a file as it is now, without a look at what it says; null when it cannot be read. */
export function fileDigest(fileName: string): string | null {
  const file = readBounded(resolve(fileName), CONFIG_TEXT_MAX);
  return file.ok ? configDigest(cutOwnSecrets(file.value.text).text) : null;
}

/** Addresses of all interfaces of this machine. */
export function localAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address));
}
