// What etcd answers about its members (MemberListResponse and StatusResponse of its API), read with the distrust that every
// answer of a network deserves. Its gateway writes numbers of 64 bits as texts.
import type { MemberAnswer, MemberState } from '../../ports/store-member.ts';
import { oneLine } from '../member-fault.ts';

/** Far more than a cluster of etcd may have. */
const MEMBERS_MAX = 64;
const ID = /^[0-9]{1,20}$/;

type Fields = Readonly<Record<string, unknown>>;

export type ListedMember = {
  readonly id: string;
  readonly name: string;
  /** Origins: scheme, host and port. */
  readonly clientUrls: readonly string[];
  readonly isLearner: boolean;
};

export function readMemberStatus(
  answer: unknown,
): MemberAnswer & { readonly memberId: string; readonly clusterId: string } {
  const { header, version, dbSize, leader, isLearner, errors } = fieldsOf(answer);
  const { member_id: memberId, cluster_id: clusterId } = fieldsOf(header);
  const first = typeof leader === 'string' && leader !== '0' ? leader : null;
  if (!isId(memberId) || !isId(clusterId) || typeof version !== 'string') throw new Error('this is not etcd');
  const said = Array.isArray(errors) ? errors.filter((text) => typeof text === 'string') : [];
  const reasons = [...(first === null ? ['it sees no majority'] : []), ...said];
  return {
    memberId,
    clusterId,
    state: stateOf({ memberId, first, isLearner: isLearner === true }),
    version: oneLine(version),
    bytes: typeof dbSize === 'string' && ID.test(dbSize) ? Number(dbSize) : null,
    reason: reasons.length === 0 ? null : oneLine(reasons.join('; ')),
  };
}

export function readMemberList(answer: unknown): readonly ListedMember[] {
  const { members } = fieldsOf(answer);
  if (!Array.isArray(members)) throw new Error('this is not etcd');
  return members.slice(0, MEMBERS_MAX).map((member: unknown) => {
    const { ID: id, name, clientURLs, isLearner } = fieldsOf(member);
    if (!isId(id)) throw new Error('this is not etcd');
    const urls = Array.isArray(clientURLs) ? clientURLs.filter((url) => URL.canParse(String(url))) : [];
    return {
      id,
      // Without a name as long as it has not started.
      name: typeof name === 'string' ? name : '',
      clientUrls: urls.map((url) => new URL(String(url)).origin),
      isLearner: isLearner === true,
    };
  });
}

function stateOf(of: {
  readonly memberId: string;
  readonly first: string | null;
  readonly isLearner: boolean;
}): MemberState {
  if (of.isLearner) return 'observes';
  if (of.first === null) return 'answers';
  return of.first === of.memberId ? 'leads' : 'follows';
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value);
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
