// The servers of PostgreSQL: which takes writes, which is a replica in recovery, and what would make a server unfit (S4).
import type { MemberAnswer, StoreMember } from '../../ports/store-member.ts';
import type { AskLimits } from '../ask-members.ts';
import { oneLine } from '../member-fault.ts';
import { askSqlMembers } from '../sql/ask-sql-members.ts';
import { textOf } from '../sql/rows.ts';
import type { Row } from '../sql/sql-link.ts';
import type { SqlBackendOptions } from '../sql/sql-store-options.ts';
import { openPostgres } from './postgres-link.ts';

const QUESTION =
  "SELECT pg_is_in_recovery()::text AS recovery, current_setting('transaction_read_only') AS read_only, " +
  "current_setting('fsync') AS fsync, current_setting('server_version') AS version, " +
  'pg_database_size(current_database())::text AS bytes';

type Access = Pick<SqlBackendOptions, 'endpoints' | 'database' | 'username' | 'password' | 'tls'>;

/** Never rejects. */
export function askPostgresMembers(access: Access, limits: AskLimits): Promise<readonly StoreMember[]> {
  const connect = (endpoint: Access['endpoints'][number], signal: AbortSignal) =>
    openPostgres(endpoint, { login: access, signal });
  return askSqlMembers(access.endpoints, { connect, text: QUESTION, read }, limits);
}

function read(row: Row): MemberAnswer {
  const isReplica = textOf(row, 'recovery') === 'true';
  const isReadOnly = textOf(row, 'read_only') === 'on';
  const forgets = textOf(row, 'fsync') !== 'on';
  return {
    state: isReplica ? 'follows' : isReadOnly ? 'readOnly' : 'primary',
    // Such as 15.14 (Debian 15.14-0+deb12u1).
    version: oneLine(textOf(row, 'version').split(' ')[0] ?? ''),
    bytes: Number(textOf(row, 'bytes')),
    reason: isReplica ? 'in recovery' : forgets ? 'fsync is off: it forgets commits' : null,
  };
}
