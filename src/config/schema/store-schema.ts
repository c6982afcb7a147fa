// How people write the store: a file for one machine, or one of four engines that a cluster of machines shares.
import * as z from 'zod';
import { err } from '../../base/result.ts';
import { parseHostPort } from '../host-port.ts';
import { durationText } from './duration-text.ts';
import { strictKeys } from './strict-keys.ts';
import { textValue } from './text-value.ts';

/** A cluster of more members is no safer than one of seven, and each is tried in turn. */
const ENDPOINTS_MAX = 16;
const TIMEOUT = { minMs: 100, maxMs: 60_000 };

const KINDS = 'sqlite, etcd, zookeeper, postgres or mysql';

const kindOf = <const Kind extends string>(kind: Kind) => z.literal(kind).meta({ description: 'kind of store' });

const shared = {
  username: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'user with rights on the keys or tables of this cluster' }),
  password: z
    .string()
    .min(1)
    .optional()
    .meta({
      description: 'password of that user; kept secret',
      examples: ['${file:/etc/oneup/store-password}'],
    }),
  tls: strictKeys({
    ca: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: 'PEM text of the certificates that may vouch for the store [those of the system]',
        examples: ['${file:/etc/oneup/store-ca.pem}'],
      }),
    cert: z.string().min(1).optional().meta({ description: 'PEM text of the certificate of the prober' }),
    key: z.string().min(1).optional().meta({ description: 'PEM text of the key of that certificate; kept secret' }),
    serverName: z.string().min(1).optional().meta({
      description: 'name that the certificate of the store must carry [the host of the endpoint]',
    }),
  })
    .meta({ id: 'StoreTls', description: 'How the store proves who it is, and the prober to it' })
    .optional()
    .meta({ description: 'encrypts the connections' }),
  callTimeout: durationText(TIMEOUT)
    .prefault('2s')
    .meta({ description: 'longest wait for one answer of the store; less than a third of `timing.sessionTtl`' }),
};

const hostPort = textValue({ kind: 'endpoint', expected: 'a server such as db.example.com:5432' }, (text) => {
  const endpoint = parseHostPort(text, { purpose: 'ask' });
  if (endpoint.ok) return endpoint;
  return err({ reason: endpoint.error, remedy: 'Write host:port, such as db.example.com:5432 or [2001:db8::5]:5432' });
});

const servers = z
  .array(hostPort)
  .min(1)
  .max(ENDPOINTS_MAX)
  .meta({
    description: 'servers as host:port, tried in this order',
    examples: [['db1.example.com:5432', 'db2.example.com:5432']],
  });

const database = z.string().min(1).default('oneup').meta({ description: 'name of the database' });

const sqliteSchema = strictKeys({
  kind: kindOf('sqlite'),
  path: z.string().min(1).meta({ description: 'file of the store; relative ones count from the configuration file' }),
}).meta({ id: 'SqliteStore', description: 'A file, for clusters on one machine (S7)' });

const etcdSchema = strictKeys({
  kind: kindOf('etcd'),
  endpoints: z
    .array(z.string())
    .min(1)
    .max(ENDPOINTS_MAX)
    .meta({
      description: 'URLs of the client endpoints of all members',
      examples: [['https://192.0.2.10:2379', 'https://198.51.100.10:2379', 'https://203.0.113.10:2379']],
    }),
  ...shared,
}).meta({ id: 'EtcdStore', description: 'etcd 3.4 or later; the recommended store beyond one machine' });

const zookeeperSchema = strictKeys({ kind: kindOf('zookeeper'), endpoints: servers, ...shared }).meta({
  id: 'ZookeeperStore',
  description: 'ZooKeeper 3.5 or later',
});

const postgresSchema = strictKeys({ kind: kindOf('postgres'), endpoints: servers, database, ...shared }).meta({
  id: 'PostgresStore',
  description: 'PostgreSQL 13 or later: one server, or one with synchronous replicas (S4)',
});

const mysqlSchema = strictKeys({ kind: kindOf('mysql'), endpoints: servers, database, ...shared }).meta({
  id: 'MysqlStore',
  description: 'MariaDB 10.6 or MySQL 8, or later: one server, or one with synchronous replicas (S4)',
});

export const storeSchema = z
  .discriminatedUnion('kind', [sqliteSchema, etcdSchema, zookeeperSchema, postgresSchema, mysqlSchema], {
    error: (issue) => (issue.code === 'invalid_union' ? `expected ${KINDS}` : undefined),
  })
  .meta({ description: 'where the truth is kept' });

export type StoreWritten = z.output<typeof storeSchema>;
