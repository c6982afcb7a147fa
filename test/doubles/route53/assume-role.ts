// The small part of the Security Token Service that gives out temporary credentials for a role, in its query protocol.
// "AssumeRole", https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
import { randomBytes } from 'node:crypto';
import type { AccessKey, Policy } from './access.ts';
import { ApiError } from './api-error.ts';
import { escapeXml, renderElement } from './xml.ts';

export type Role = {
  readonly arn: string;
  /** Absent: the trust policy asks for none. */
  readonly externalId?: string;
  readonly policy?: Policy;
  readonly durationMs: number;
};

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

export function assumeRole(
  body: string,
  roles: readonly Role[],
  caller: AccessKey,
  nowMs: number,
): { key: AccessKey; xml: string } {
  const form = new URLSearchParams(body);
  if (form.get('Action') !== 'AssumeRole' || form.get('Version') !== '2011-06-15')
    throw new ApiError(400, 'InvalidAction', 'Could not find operation for version 2011-06-15');
  const session = form.get('RoleSessionName') ?? '';
  if (!/^[\w+=,.@-]{2,64}$/.test(session))
    throw new ApiError(400, 'ValidationError', `Value '${session}' at 'roleSessionName' failed to satisfy constraint`);
  const role = roles.find(
    ({ arn, externalId }) => arn === form.get('RoleArn') && externalId === (form.get('ExternalId') ?? undefined),
  );
  if (role === undefined)
    throw new ApiError(
      403,
      'AccessDenied',
      `User: arn:aws:iam::123456789012:user/${caller.accessKeyId} is not authorized to perform: sts:AssumeRole on resource: ${form.get('RoleArn')}`,
    );
  const key: AccessKey = {
    accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    sessionToken: randomBytes(60).toString('base64'),
    expiresAtMs: nowMs + role.durationMs,
    ...(role.policy === undefined ? {} : { policy: role.policy }),
  };
  return { key, xml: renderAnswer(key, role, session) };
}

function renderAnswer(key: AccessKey, { arn }: Role, session: string): string {
  const fields: Readonly<Record<string, string>> = {
    AccessKeyId: key.accessKeyId,
    SecretAccessKey: key.secretAccessKey,
    SessionToken: key.sessionToken ?? '',
    Expiration: new Date(key.expiresAtMs ?? 0).toISOString(),
  };
  const credentials = Object.entries(fields).map(([name, value]) => renderElement(name, escapeXml(value)));
  const user = renderElement('AssumedRoleId', `AROA:${session}`) + renderElement('Arn', escapeXml(`${arn}/${session}`));
  const result = renderElement('Credentials', credentials.join('')) + renderElement('AssumedRoleUser', user);
  const inner =
    renderElement('AssumeRoleResult', result) + renderElement('ResponseMetadata', renderElement('RequestId', '1'));
  return renderElement('AssumeRoleResponse', inner, { xmlns: NAMESPACE });
}
