// The members of etcd: what each configured endpoint says of itself, and whom they name beside. Asked without a login where
// that is allowed: a login is a matter of the majority, and a member must be seen without one.
import type { MemberAnswer, StoreMember } from '../../ports/store-member.ts';
import { type AskLimits, askMembers, withDeadline } from '../ask-members.ts';
import { answerOf, oneLine } from '../member-fault.ts';
import type { EtcdClientOptions } from './etcd-client.ts';
import { EtcdFailure } from './etcd-failure.ts';
import { EtcdMember } from './etcd-member.ts';
import { type ListedMember, readMemberList, readMemberStatus } from './read-members.ts';

const STATUS = '/v3/maintenance/status';
const LIST = '/v3/cluster/member/list';
/** A list of members, or a status, is a few hundred bytes. */
const BYTES_MAX = 256 * 1024;

type Access = Pick<EtcdClientOptions, 'endpoints' | 'username' | 'password' | 'tls'>;
type Seen = MemberAnswer & { readonly memberId: string; readonly clusterId: string };
type Row = StoreMember & Partial<Seen>;

/** Never rejects. */
export async function askEtcdMembers(access: Access, limits: AskLimits): Promise<readonly StoreMember[]> {
  const members = access.endpoints.map((endpoint) => new EtcdMember(endpoint, access.tls));
  try {
    const questions = members.map((member) => ({
      name: member.name,
      ask: async (signal: AbortSignal): Promise<Seen> =>
        readMemberStatus(await ask(member, access, { path: STATUS, signal })),
    }));
    const [rows, listed] = await Promise.all([
      askMembers(questions, limits),
      withDeadline(limits, (signal) => listOfAny(members, access, signal)),
    ]);
    return [...rows.map((row) => toldOf(row, rows)), ...unasked(rows, listed, access.endpoints)];
  } finally {
    for (const member of members) member.close();
  }
}

/** The list of whoever gives it first; empty when nobody does. */
function listOfAny(
  members: readonly EtcdMember[],
  access: Access,
  signal: AbortSignal,
): Promise<readonly ListedMember[]> {
  const lists = members.map(async (member) => readMemberList(await ask(member, access, { path: LIST, signal })));
  return Promise.any(lists).catch(() => []);
}

async function ask(
  member: EtcdMember,
  { username, password }: Access,
  { path, signal }: { readonly path: string; readonly signal: AbortSignal },
): Promise<unknown> {
  const post = { body: {}, signal, bytesMax: BYTES_MAX };
  try {
    return await member.post({ ...post, path, token: null });
  } catch (error) {
    if (!(error instanceof EtcdFailure)) throw error;
    if (error.kind === 'garbage') throw new Error('this is not etcd');
    if (username === null || (error.kind !== 'token' && error.kind !== 'denied')) throw error;
  }
  const login = { name: username, password: password ?? '' };
  const answer = await member.post({ ...post, path: '/v3/auth/authenticate', body: login, token: null });
  const { token } = answer as { readonly token?: unknown };
  if (typeof token !== 'string') throw new Error('the login gave no token');
  return member.post({ ...post, path, token });
}

function toldOf({ memberId, clusterId, ...row }: Row, rows: readonly Row[]): StoreMember {
  const isStranger = clusterId !== undefined && rows.some((other) => (other.clusterId ?? clusterId) !== clusterId);
  if (!isStranger) return row;
  const id = BigInt(clusterId).toString(16);
  return { ...row, reason: `of etcd cluster ${id}, and other endpoints are of another one` };
}

/**
 * Members that no endpoint names. Not told while an endpoint is silent that none of their addresses resembles: it may well be
 * the way to one of them.
 */
function unasked(
  rows: readonly Row[],
  listed: readonly ListedMember[],
  endpoints: readonly string[],
): readonly StoreMember[] {
  const isReached = ({ id, clientUrls }: ListedMember) =>
    rows.some(({ memberId }) => memberId === id) ||
    endpoints.some((endpoint) => clientUrls.includes(new URL(endpoint).origin));
  const all = listed.flatMap(({ clientUrls }) => clientUrls);
  const isOpen = rows.some(({ memberId }, at) => {
    return memberId === undefined && !all.includes(new URL(endpoints[at] ?? '').origin);
  });
  if (isOpen) return [];
  return listed
    .filter((member) => !isReached(member))
    .map(({ name, clientUrls, isLearner }) => {
      const where = clientUrls[0] === undefined ? 'it has not started' : `it is at ${clientUrls[0]}`;
      const what = `not among the endpoints${isLearner ? ', a learner' : ''}; ${where}`;
      return { name: oneLine(name === '' ? 'a new member' : name), ...answerOf('unasked', what) };
    });
}
