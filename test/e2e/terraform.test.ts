// The Terraform module, with the real program and without a network: its own tests pass, every configuration that it renders is one
// that oneup accepts, and what it gives to cloud-init is YAML with scripts and units that their programs can read.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { parse } from 'yaml';
import { formatProblems } from '../../src/config/format-problems.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { REPOSITORY } from '../support/house/source-tree.ts';
import { createAuthority } from '../support/servers/certificates.ts';

const MODULE = join(REPOSITORY, 'terraform');
/** What clouds take. */
const USER_DATA_MAX_BYTES = 16 * 1024;
const TIMEOUT_MS = 120_000;
const CERTIFIED = createAuthority().certify(['DNS:fra.example.com']);

type Run = { readonly code: number | null; readonly output: string };

function run(program: string, argv: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Run {
  const { status, stdout, stderr } = spawnSync(program, argv, { encoding: 'utf8', timeout: TIMEOUT_MS, ...options });
  return { code: status, output: `${stdout ?? ''}${stderr ?? ''}` };
}

function has(program: string): boolean {
  return run('sh', ['-c', `command -v ${program}`]).code === 0;
}

/** A copy, so that nothing is left in the repository; says so where the program is missing. */
function openModule(t: TestContext) {
  if (!has('terraform')) {
    t.skip('terraform is not installed; https://developer.hashicorp.com/terraform/install');
    return null;
  }
  const directory = mkdtempSync(join(tmpdir(), 'oneup-terraform-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  cpSync(MODULE, directory, { recursive: true });
  writeFileSync(join(directory, 'empty.tfrc'), '');
  const env = {
    ...process.env,
    // Whatever the machine is set up for: no mirror, no plugin cache, no call home.
    TF_CLI_CONFIG_FILE: join(directory, 'empty.tfrc'),
    TF_DATA_DIR: join(directory, '.terraform'),
    TF_IN_AUTOMATION: '1',
    CHECKPOINT_DISABLE: '1',
  };
  const terraform = (...argv: readonly string[]) => {
    const { code, output } = run('terraform', argv, { cwd: directory, env });
    assert.equal(code, 0, `terraform ${argv.join(' ')}:\n${output}`);
    return output;
  };
  terraform('init', '-backend=false', '-no-color');
  return { directory, terraform };
}

type Rendered = {
  readonly config_yaml: string;
  readonly user_data: Readonly<Record<string, string>>;
  readonly user_data_base64gzip: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, Readonly<Record<string, { readonly mode: string; readonly text: string }>>>>;
};

/** What the module gives for the example with these variables changed. */
function render({ directory, terraform }: NonNullable<ReturnType<typeof openModule>>, variables: object): Rendered {
  writeFileSync(join(directory, 'changed.tfvars.json'), JSON.stringify(variables));
  terraform('apply', '-auto-approve', '-no-color', '-var-file=example.tfvars', '-var-file=changed.tfvars.json');
  const outputs = JSON.parse(terraform('output', '-json')) as Record<string, { readonly value: unknown }>;
  return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value])) as Rendered;
}

function loadConfig(text: string) {
  const parsed = parseConfig(text, {
    ...{ fileName: 'oneup.yaml', baseDir: '/etc/oneup', env: {}, localAddresses: [] },
    readFile: (path) => {
      const pem = path.endsWith('key.pem') ? CERTIFIED.key : CERTIFIED.cert;
      return {
        ok: true,
        value: { text: path.endsWith('.pem') ? pem : 'c2VjcmV0IG9mIHR3ZW50eS1vbmUgb2N0ZXRz', mode: 0o600 },
      };
    },
  });
  assert.ok(parsed.ok, parsed.ok ? '' : `${formatProblems(parsed.error)}\n${text}`);
  return parsed.value;
}

const SERVICES_YAML = `
web:
  record: { name: web.ha.example.com., provider: dns }
  nodes: [{ id: a, address: 192.0.2.21 }, { id: b, address: 192.0.2.22 }]
  check: { postgres: { database: web, username: check, password: "\${file:/etc/oneup/secrets/check}" } }
  agent: { run: [/opt/web/bin/web] }
`;
const VARIANTS: Readonly<Record<string, object>> = {
  'the example': {},
  'services as YAML, agents, a provider and settings of the cluster': {
    services: {},
    services_yaml: SERVICES_YAML,
    secret_names: ['check', 'tsig', 'api-cert.pem', 'api-key.pem'],
    fetch_secrets: '#!/bin/sh\nset -eu\nexec fetch "$ONEUP_PROBER"\n',
    min_vantages: 3,
    cluster_settings: {
      timing: { sessionTtl: '20s' },
      api: {
        listen: '0.0.0.0:7800',
        tls: { cert: '${file:/etc/oneup/secrets/api-cert.pem}', key: '${file:/etc/oneup/secrets/api-key.pem}' },
      },
    },
    providers_config: {
      dns: {
        kind: 'rfc2136',
        server: '192.0.2.53:53',
        zones: ['ha.example.com.'],
        tsig: { name: 'oneup.', algorithm: 'hmac-sha256', secret: '${file:/etc/oneup/secrets/tsig}' },
      },
    },
    zones: {},
  },
  'five probers, records of a zone, names of servers': {
    probers: Object.fromEntries(
      ['a', 'b', 'c', 'd', 'e'].map((id, at) => [id, { vantage: `v${at % 3}`, address: `192.0.2.1${at}` }]),
    ),
    zones: {
      'ha.example.com.': {
        hostmaster: 'ops.example.com.',
        ns: ['a', 'b'],
        ns_names: { a: 'ns1.ha.example.com.' },
        records: [{ name: 'www', type: 'A', values: ['192.0.2.80'], ttl: '60s' }],
      },
    },
  },
};

describe('terraform', () => {
  test('the module is formatted, valid, and passes its own tests', (t) => {
    const opened = openModule(t);
    if (opened === null) return;
    opened.terraform('fmt', '-check', '-diff', '-recursive');
    opened.terraform('validate', '-no-color');
    assert.match(opened.terraform('test', '-no-color', '-var-file=example.tfvars'), /Success! \d+ passed, 0 failed/);
  });

  for (const [name, variables] of Object.entries(VARIANTS)) {
    test(`what is rendered can be used: ${name}`, (t) => {
      const opened = openModule(t);
      if (opened === null) return;
      const rendered = render(opened, variables);
      const { config } = loadConfig(rendered.config_yaml);
      const ids = config.cluster.probers.map(({ id }) => id);
      assert.deepEqual(ids, Object.keys(rendered.user_data).sort());
      for (const id of ids) checkMachine(rendered, id);
    });
  }

  test('its flags and options are ones that etcd and oneup have', (t) => {
    const opened = openModule(t);
    if (opened === null) return;
    const { files } = render(opened, {});
    const unit = (name: string) => files.fra?.[`/etc/systemd/system/${name}.service`]?.text ?? '';
    const options = (text: string) => [...text.matchAll(/ (--[a-z-]+)/g)].map((match) => match[1] ?? '');
    const help = run(process.execPath, [join(REPOSITORY, 'src/main.ts'), 'run', '--help']).output;
    for (const option of options(unit('oneup').match(/^ExecStart=.*$/m)?.[0] ?? ''))
      assert.ok(help.includes(option), option);
    if (!has('etcd')) return t.diagnostic('etcd is not installed: its flags were not compared');
    const etcd = run('etcd', ['--help']).output;
    const flags = options(unit('oneup-etcd'));
    assert.ok(flags.length > 15, flags.join(' '));
    for (const flag of flags) assert.ok(etcd.includes(`${flag} `), `etcd does not know ${flag}`);
  });
});

type CloudInit = {
  readonly write_files: readonly { readonly path: string; readonly permissions: string; readonly content: string }[];
  readonly runcmd: readonly (readonly string[])[];
};

function checkMachine({ config_yaml, files, user_data, user_data_base64gzip }: Rendered, id: string): void {
  const text = user_data[id] ?? '';
  assert.ok(text.startsWith('#cloud-config\n'));
  const packed = Buffer.from(user_data_base64gzip[id] ?? '', 'base64');
  assert.equal(gunzipSync(packed).toString(), text);
  assert.ok(packed.length < USER_DATA_MAX_BYTES, `${packed.length} bytes`);
  const { write_files, runcmd } = parse(text) as CloudInit;
  const written = new Map(write_files.map((file) => [file.path, file]));
  assert.equal(written.get('/etc/oneup/oneup.yaml')?.content, config_yaml);
  assert.deepEqual([...written.keys()].sort(), Object.keys(files[id] ?? {}).sort());
  for (const [program] of runcmd) assert.ok(written.has(program ?? ''), `${program} is written`);
  const directory = mkdtempSync(join(tmpdir(), 'oneup-units-'));
  try {
    for (const { path, permissions, content } of write_files) {
      assert.match(permissions, /^0[0-7]{3}$/);
      if (content.startsWith('#!')) checkScript(content, path);
      if (path.endsWith('.service')) checkUnit(content, join(directory, path.split('/').at(-1) ?? ''));
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function checkScript(content: string, path: string): void {
  const { status, stderr } = spawnSync('sh', ['-n'], { input: content, encoding: 'utf8' });
  assert.equal(status, 0, `${path}: ${stderr}`);
}

/** Programs that the machine of the test does not have are no fault of the unit. */
function checkUnit(content: string, file: string): void {
  assert.match(content, /^\[Unit\]$[\s\S]*^\[Service\]$[\s\S]*^\[Install\]$/m);
  assert.match(content, /^ExecStart=/m);
  if (!has('systemd-analyze')) return;
  writeFileSync(file, content);
  const { output } = run('systemd-analyze', ['verify', file]);
  assert.equal(readFileSync(file, 'utf8'), content);
  const faults = output.split('\n').filter((line) => /Unknown|Failed to parse|Invalid|Missing/i.test(line));
  assert.deepEqual(faults, [], file);
}
