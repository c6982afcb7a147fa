// Two PostgreSQL servers, primary and standby, prepared as config/examples/postgresql/README.md says, and a configuration that is
// the example with the addresses, the short times and the local commands of a test.
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import {
  makeServerDirectory,
  removeServerDirectory,
  runProgram,
  unprivileged,
  versionFolders,
} from '../../support/servers/database-process.ts';
import { applyChanges, type Change, type Network, NODES, type NodeName } from './cluster-files.ts';
import { endProcessesIn } from './end-processes.ts';
import { waitUntil } from './wait-until.ts';

const EXAMPLE = new URL('../../../config/examples/postgresql/', import.meta.url);
const PORT = 18_085;
const PASSWORD = 'pair-Secret-7';
const SECRET_OF_EXAMPLE = '${file:/etc/oneup/postgresql-check-password}';
const NODE_OF_EXAMPLE = `ssh: &node
          host: "{address}"
          user: postgres
          stateDir: /var/lib/postgresql/oneup
          command: [/opt/oneup/postgresql-node.sh, /etc/oneup/postgresql-node.conf]`;
/** A busy machine replays and promotes within these. */
const TIMES: readonly Change[] = [
  // A killed server refuses connections at once. One that is only slow must not be moved away from.
  ['interval: 5s', 'interval: 4s\n      timeout: 4s\n      fall: 2\n      recheck: 100ms\n      minDown: 200ms'],
  [
    'automatic: true',
    'automatic: true\n      cooldown: 0s\n      verifyTimeout: 20s\n      precheckMaxAge: 500ms\n      stableFor: 1h',
  ],
];

/** The scripts take seconds: a controller that falls silent on a busy machine must not have them killed each time. */
const PATIENT: readonly Change[] = [['sessionTtl: 3s', 'sessionTtl: 5s']];

export class PostgresPair {
  readonly directory = makeServerDirectory('pair');
  readonly #script = join(this.directory, 'postgresql-node.sh');
  #network: Network | null = null;

  constructor() {
    copyFileSync(new URL('postgresql-node.sh', EXAMPLE), this.#script);
    chmodSync(this.#script, 0o755);
    this.#write('check-password', PASSWORD, process.getuid?.());
  }

  /** Where the servers listen, for a test without a cluster. */
  at(network: Network): void {
    this.#network = network;
  }

  /** For `Cluster`: its own configuration up to the services, then those of the example. */
  readonly fill = (text: string, network: Network): string => {
    this.#network = network;
    const example = readFileSync(new URL('oneup.yaml', EXAMPLE), 'utf8');
    const services = example.slice(example.indexOf('services:'));
    const changed = applyChanges(services, [
      ['  db:', '  web:'],
      ['db.ha.example.com. }', 'web.ha.example.com., ttl: { steady: 1s, suspect: 1s, settling: 1s } }'],
      ['203.0.113.21', network.nodes.a],
      ['198.51.100.22', network.nodes.b],
      [NODE_OF_EXAMPLE, `exec: &node ${JSON.stringify([...this.#command('{node.id}')])}`],
      ...TIMES,
    ]);
    const filled = changed
      .replaceAll(SECRET_OF_EXAMPLE, `\${file:${join(this.directory, 'check-password')}}`)
      .replaceAll('port: 5432', `port: ${PORT}`)
      .replaceAll('ssh: *node', 'exec: *node');
    return applyChanges(text.slice(0, text.indexOf('services:')), PATIENT) + filled;
  };

  /** Node `a` is the primary, node `b` follows it. */
  async begin(): Promise<void> {
    for (const node of NODES) this.#write(`${node}.conf`, this.#settings(node));
    this.#initialise();
    this.act('a', 'start');
    await this.run(
      'a',
      `${readFileSync(new URL('roles.sql', EXAMPLE), 'utf8')};
      alter role replicator password '${PASSWORD}'; alter role oneup_check password '${PASSWORD}';
      create table entries (entry text)`,
    );
    this.copy({ from: 'a', to: 'b' });
    this.act('b', 'follow');
  }

  /** What was there before is gone. */
  copy({ from, to }: { readonly from: NodeName; readonly to: NodeName }): void {
    rmSync(this.#data(to), { recursive: true, force: true });
    const source = `${this.#connection(from)} user=replicator passfile=${join(this.directory, 'passfile')}`;
    runProgram(findServerProgram('pg_basebackup'), ['-D', this.#data(to), '-d', source, '-c', 'fast', '--no-sync']);
  }

  /** Settings of the node with others for some; the programs stay those of `find`. */
  variant(node: NodeName, changes: Readonly<Record<string, string>>): readonly [script: string, settings: string] {
    const path = join(this.directory, `${node}-variant.conf`);
    const lines = Object.entries(changes).map(([name, value]) => `${name}=${value}\n`);
    this.#write(`${node}-variant.conf`, `${this.#settings(node)}${lines.join('')}`);
    return [this.#script, path];
  }

  /** The script of the example, as a person runs it on the node. */
  act(node: NodeName, action: string): string {
    return runProgram(this.#script, [this.#conf(node), action]).trim();
  }

  async query(node: NodeName, sql: string): Promise<readonly unknown[]> {
    const client = await this.#open(node);
    try {
      const { rows } = await client.query({ text: sql, rowMode: 'array' });
      return rows.map((row: readonly unknown[]) => row[0]);
    } finally {
      await client.end();
    }
  }

  async run(node: NodeName, sql: string): Promise<void> {
    const client = await this.#open(node);
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  }

  entries(node: NodeName): Promise<readonly unknown[]> {
    return this.query(node, 'select entry from entries order by entry');
  }

  /** When the server was started, if it would take a write; null also for one that does not answer. */
  async primarySince(node: NodeName): Promise<string | null> {
    const question = 'select pg_postmaster_start_time()::text where not pg_is_in_recovery()';
    const [start] = await this.query(node, question).catch(() => []);
    return typeof start === 'string' ? start : null;
  }

  /** What the server of the node has written down. */
  log(node: NodeName): string {
    return readFileSync(this.#log(node), 'utf8');
  }

  /** The controller knows the answer of a precheck that began after this call: it asks again only then. */
  async prechecked(node: NodeName): Promise<void> {
    for (let times = 0; times < 3; times += 1) {
      const before = this.#seenAt(node);
      await waitUntil(`a precheck of ${node}`, () => this.#seenAt(node) > before);
    }
  }

  /** When the standby last noted the position of the primary. */
  #seenAt(node: NodeName): number {
    return statSync(`${this.#data(node)}.seen`, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  }

  /**
   * The first process of the server: what it started ends by itself, sooner or later. Until its parent has heard of the end, a
   * server that starts takes the number of the old one for a server that runs.
   */
  async kill(node: NodeName): Promise<void> {
    const [pid = ''] = readFileSync(join(this.#data(node), 'postmaster.pid'), 'utf8').split('\n');
    process.kill(Number(pid), 'SIGKILL');
    await waitUntil(`the end of process ${pid}`, () => !existsSync(`/proc/${pid}`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of NODES) await endProcessesIn(this.#data(node));
    removeServerDirectory(this.directory);
  }

  #initialise(): void {
    this.#write('superuser-password', PASSWORD);
    this.#write('passfile', `*:*:*:*:${PASSWORD}\n`);
    const data = this.#data('a');
    runProgram(findServerProgram('initdb'), [
      ...['-D', data, '-U', 'postgres', `--pwfile=${join(this.directory, 'superuser-password')}`, '--data-checksums'],
      ...['--auth-local=trust', '--auth-host=scram-sha-256', '--no-sync', '--encoding=UTF8', '--locale=C'],
    ]);
    const hosts = ['all', 'replication'].map((what) => `host ${what} all 127.0.0.0/8 scram-sha-256\n`);
    writeFileSync(join(data, 'pg_hba.conf'), hosts.join(''), { flag: 'a' });
    const settings = [
      'wal_keep_size = 256MB',
      'wal_retrieve_retry_interval = 500ms',
      'fsync = off',
      "log_timezone = 'UTC'",
      '',
    ];
    writeFileSync(join(data, 'postgresql.conf'), settings.join('\n'), { flag: 'a' });
  }

  #settings(node: NodeName): string {
    const other = node === 'a' ? 'b' : 'a';
    const socket = join(this.directory, `socket-${node}`);
    mkdirSync(socket, { recursive: true });
    give(socket);
    const options = [`listen_addresses=${this.#address(node)}`, `port=${PORT}`, `unix_socket_directories=${socket}`];
    return [
      `BIN=${dirname(findServerProgram('pg_ctl'))}`,
      `DATA=${this.#data(node)}`,
      `LOG=${this.#log(node)}`,
      `SOCKET=${socket}`,
      `PORT=${PORT}`,
      `OPTIONS="${options.map((one) => `-c ${one}`).join(' ')}"`,
      `PEER="${this.#connection(other)} user=replicator passfile=${join(this.directory, 'passfile')}"`,
      '',
    ].join('\n');
  }

  /** As the user of the servers, whoever runs the probers. */
  #command(node: string): readonly string[] {
    const { uid, gid } = unprivileged();
    const as = uid === undefined ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
    return [...as, this.#script, this.#conf(node)];
  }

  #conf(node: string): string {
    return join(this.directory, `${node}.conf`);
  }

  #connection(node: NodeName): string {
    return `host=${this.#address(node)} port=${PORT}`;
  }

  #address(node: NodeName): string {
    if (this.#network === null) throw new TypeError('Cannot find the addresses: the cluster comes first');
    return this.#network.nodes[node];
  }

  #log(node: NodeName): string {
    return join(this.directory, `server-${node}`);
  }

  #data(node: NodeName): string {
    return join(this.directory, `data-${node}`);
  }

  async #open(node: NodeName): Promise<Client> {
    const login = { user: 'postgres', password: PASSWORD, database: 'postgres', connectionTimeoutMillis: 5_000 };
    const client = new Client({ host: this.#address(node), port: PORT, ssl: false, query_timeout: 10_000, ...login });
    // A server that is killed says so to whoever asks next.
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  #write(name: string, text: string, owner = unprivileged().uid): void {
    const path = join(this.directory, name);
    writeFileSync(path, text, { mode: 0o600 });
    if (owner !== undefined && process.getuid?.() === 0) chownSync(path, owner, unprivileged().gid ?? 0);
  }
}

function give(path: string): void {
  const { uid, gid } = unprivileged();
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}

/** In the folder of the newest version: what is on the path may be a wrapper that knows other servers, or half of one. */
export function findServerProgram(program: string): string {
  const paths = versionFolders('/usr/lib/postgresql', 'bin').map((folder) => join(folder, program));
  const found = paths.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`Cannot find ${program}: install the Debian package postgresql`);
  return found;
}
