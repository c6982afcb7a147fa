// Real PowerDNS with its zones in SQLite, which takes updates of two zones from one key, and has its HTTP API open.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { freePort } from './free-port.ts';
import { startSmallServer } from './small-server.ts';
import {
  OTHER_KEY,
  UPDATE_KEY,
  UPDATE_ZONES,
  type UpdateServer,
  type UpdateServerOptions,
  zoneFile,
} from './update-zones.ts';

const SCHEMA = '/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql';
export const POWERDNS_API_KEY = 'key of the API in tests';

export type PowerDnsOptions = UpdateServerOptions & {
  /** Address and port of a secondary of example.com. */
  readonly alsoNotify?: string;
};

export async function startPowerDns(
  options: PowerDnsOptions = {},
): Promise<UpdateServer & { readonly apiUrl: string }> {
  const apiPort = await freePort();
  const server = await startSmallServer({
    program: 'pdns_server',
    debianPackage: 'pdns-backend-sqlite3',
    args: ({ directory }) => [`--config-dir=${directory}`],
    files: ({ port, directory }) => ({
      'pdns.db': '',
      'pdns.conf': `launch=gsqlite3
gsqlite3-database=${directory}/pdns.db
gsqlite3-pragma-synchronous=0
receiver-threads=1
distributor-threads=1
local-address=127.0.0.1
local-port=${port}
socket-dir=${directory}
daemon=no
guardian=no
disable-syslog=yes
dnsupdate=yes
primary=yes
allow-dnsupdate-from=127.0.0.0/8
api=yes
api-key=${POWERDNS_API_KEY}
webserver-address=127.0.0.1
webserver-port=${apiPort}
webserver-allow-from=127.0.0.0/8
`,
    }),
    prepare: ({ directory }) => fillDatabase(join(directory, 'pdns.db'), options),
  });
  return { ...server, apiUrl: `http://127.0.0.1:${apiPort}` };
}

function fillDatabase(path: string, { records = [], alsoNotify }: PowerDnsOptions): void {
  const db = new DatabaseSync(path);
  try {
    db.exec(readFileSync(SCHEMA, 'utf8'));
    for (const { name, algorithm, secret } of [UPDATE_KEY, OTHER_KEY]) {
      db.prepare('INSERT INTO tsigkeys (name, algorithm, secret) VALUES (?, ?, ?)').run(name, algorithm, secret);
    }
    for (const [index, zone] of UPDATE_ZONES.entries()) {
      const id = index + 1;
      db.prepare("INSERT INTO domains (id, name, type) VALUES (?, ?, 'MASTER')").run(id, zone);
      const setting = db.prepare('INSERT INTO domainmetadata (domain_id, kind, content) VALUES (?, ?, ?)');
      setting.run(id, 'TSIG-ALLOW-DNSUPDATE', UPDATE_KEY.name);
      setting.run(id, 'SOA-EDIT-DNSUPDATE', 'INCREASE');
      if (alsoNotify !== undefined) setting.run(id, 'ALSO-NOTIFY', alsoNotify);
      insertRecords(db, id, zoneFile(zone, records));
    }
  } finally {
    db.close();
  }
}

/** One line each of a zone file: name, TTL, class, type and the rest; names without their last dot, as PowerDNS keeps them. */
function insertRecords(db: DatabaseSync, zoneId: number, text: string): void {
  const insert = db.prepare(
    'INSERT INTO records (domain_id, name, type, content, ttl, auth) VALUES (?, ?, ?, ?, ?, 1)',
  );
  for (const line of text.split('\n').filter(Boolean)) {
    const [name = '', ttl = '', , type = '', ...rest] = line.split(' ');
    const content = type === 'TXT' ? rest.join(' ') : rest.map((word) => word.replace(/\.$/, '')).join(' ');
    insert.run(zoneId, name.replace(/\.$/, ''), type, content, Number(ttl));
  }
}
