// Certificates for the servers of tests: an authority and what it signs, made by openssl in a directory that vanishes.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Certified = { readonly cert: string; readonly key: string };
export type Authority = { readonly ca: string; readonly certify: (names: readonly string[]) => Certified };

const DAYS = '2';

/** `certify` takes names as openssl writes them: `DNS:db.example.com`, `IP:127.0.0.1`. */
export function createAuthority(): Authority {
  const own = inDirectory((directory) => {
    const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
    openssl(['req', '-x509', '-days', DAYS, '-subj', '/CN=oneup test authority', '-out', cert, ...newKey(key)]);
    return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
  });
  return { ca: own.cert, certify: (names) => inDirectory((directory) => certify(directory, own, names)) };
}

function certify(directory: string, authority: Certified, names: readonly string[]): Certified {
  const file = (name: string) => join(directory, name);
  writeFileSync(file('ca.pem'), authority.cert);
  writeFileSync(file('ca.key'), authority.key, { mode: 0o600 });
  writeFileSync(file('extensions'), `subjectAltName=${names.join(',')}\nbasicConstraints=CA:FALSE\n`);
  openssl(['req', '-new', '-subj', '/CN=oneup test server', '-out', file('request.pem'), ...newKey(file('key.pem'))]);
  openssl([
    ...['x509', '-req', '-days', DAYS, '-in', file('request.pem'), '-out', file('cert.pem')],
    ...['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-extfile', file('extensions')],
  ]);
  return { cert: readFileSync(file('cert.pem'), 'utf8'), key: readFileSync(file('key.pem'), 'utf8') };
}

function newKey(path: string): readonly string[] {
  return ['-newkey', 'rsa:2048', '-nodes', '-keyout', path];
}

function inDirectory<T>(run: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'oneup-certificates-'));
  try {
    return run(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function openssl(args: readonly string[]): void {
  const { status, stderr, error } = spawnSync('openssl', args, { encoding: 'utf8', timeout: 30_000 });
  if (status !== 0) throw new Error(`openssl failed: ${error?.message ?? stderr}`);
}
