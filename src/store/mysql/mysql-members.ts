// The servers of MySQL or MariaDB: which takes writes, which only reads, and what would make a server unfit (S4).
import type { MemberAnswer, StoreMember } from '../../ports/store-member.ts';
import type { AskLimits } from '../ask-members.ts';
import { oneLine } from '../member-fault.ts';
import { askSqlMembers } from '../sql/ask-sql-members.ts';
import { countOf, textOf } from '../sql/rows.ts';
import type { Row } from '../sql/sql-link.ts';
import type { SqlBackendOptions } from '../sql/sql-store-options.ts';
import { isOn, openMysql } from './mysql-link.ts';

const QUESTION =
  'SELECT @@global.read_only AS readOnly, @@innodb_read_only AS innodbReadOnly, ' +
  '@@innodb_flush_log_at_trx_commit AS flush, @@version AS version';

type Access = Pick<SqlBackendOptions, 'endpoints' | 'database' | 'username' | 'password' | 'tls'>;

/** Never rejects. */
export function askMysqlMembers(access: Access, limits: AskLimits): Promise<readonly StoreMember[]> {
  const connect = (endpoint: Access['endpoints'][number], signal: AbortSignal) =>
    openMysql(endpoint, { login: access, signal });
  return askSqlMembers(access.endpoints, { connect, text: QUESTION, read }, limits);
}

function read(row: Row): MemberAnswer {
  const isReadOnly = isOn(row.readOnly) || isOn(row.innodbReadOnly);
  const flush = countOf(row, 'flush');
  const forgets = `innodb_flush_log_at_trx_commit is ${flush}: it forgets commits`;
  return {
    state: isReadOnly ? 'readOnly' : 'primary',
    // Such as 10.11.14-MariaDB-0+deb12u2.
    version: oneLine(textOf(row, 'version').split('-').slice(0, 2).join(' ')),
    bytes: null,
    reason: !isReadOnly && flush !== 1 ? forgets : null,
  };
}
