// What tests give to a configuration in place of the environment, the files and the addresses of the machine.
import { err, ok } from '../../src/base/result.ts';
import type { ParseOptions } from '../../src/config/parse-config.ts';

/** The secret behind ${env:ONEUP_TEST_TOKEN} and, with a line break, ${file:/etc/oneup/token}. */
export const TEST_SECRET = 's3cr3t-{value}';

/** A key of RFC 8945 as name servers write it; behind ${env:ONEUP_TEST_TSIG}. */
export const TEST_TSIG = 'c2VjcmV0IG9mIHR3ZW50eS1vbmUgb2N0ZXRz';

/** Those that config/complete.yaml names, as the documentation does. */
const SECRET_FILES = [
  'powerdns-key',
  'aws-secret',
  'cloudflare-token',
  'hook-secret',
  'proxy-password',
  'check-password',
].map((name) => `/etc/oneup/${name}`);

/** Files: `token`, `tsig-secret` and the secrets above are closed, `open` is readable by others, nothing else exists. */
export function configInput(fileName: string): ParseOptions {
  return {
    fileName,
    baseDir: '/etc/oneup',
    env: {
      ONEUP_TEST_TOKEN: TEST_SECRET,
      ONEUP_TEST_CLUSTER: 'from-env',
      ONEUP_TEST_TSIG: TEST_TSIG,
      ONEUP_AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      EMPTY: '',
    },
    readFile: (path) => {
      if (path === '/etc/oneup/token') return ok({ text: `${TEST_SECRET}\n`, mode: 0o600 });
      if (path === '/etc/oneup/tsig-secret') return ok({ text: `${TEST_TSIG}\n`, mode: 0o600 });
      if (SECRET_FILES.includes(path)) return ok({ text: `${TEST_SECRET}-of-${path}\n`, mode: 0o600 });
      if (path === '/etc/oneup/open') return ok({ text: TEST_SECRET, mode: 0o644 });
      return err('it does not exist');
    },
    localAddresses: ['192.0.2.10', 'fe80::1%eth0'],
  };
}
