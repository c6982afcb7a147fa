// The servers of a database, each asked over a short login of its own: none of the connections in use is touched.
import type { MemberAnswer, StoreMember } from '../../ports/store-member.ts';
import { type AskLimits, askMembers, memberName } from '../ask-members.ts';
import { onlyRow } from './rows.ts';
import { type Row, type SqlLink, untilAborted } from './sql-link.ts';
import type { SqlEndpoint } from './sql-store-options.ts';

export type SqlMemberQuestion = {
  /** Leaves nothing behind when it rejects. */
  readonly connect: (endpoint: SqlEndpoint, signal: AbortSignal) => Promise<SqlLink>;
  /** One statement that reads. */
  readonly text: string;
  readonly read: (row: Row) => MemberAnswer;
};

/** Never rejects. */
export function askSqlMembers(
  endpoints: readonly SqlEndpoint[],
  { connect, text, read }: SqlMemberQuestion,
  limits: AskLimits,
): Promise<readonly StoreMember[]> {
  const askOne = async (endpoint: SqlEndpoint, signal: AbortSignal): Promise<MemberAnswer> => {
    const link = await connect(endpoint, signal);
    try {
      const [rows] = await untilAborted(link.query(text), signal);
      return read(onlyRow(rows));
    } finally {
      link.destroy();
    }
  };
  return askMembers(
    endpoints.map((endpoint) => ({ name: memberName(endpoint), ask: (signal) => askOne(endpoint, signal) })),
    limits,
  );
}
