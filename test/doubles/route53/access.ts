// Who calls, and what that key may do: signature, age of the request, session tokens, and policies with the condition keys of
// ChangeResourceRecordSets. "Using IAM policy conditions for fine-grained access control",
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html
import { ApiError } from './api-error.ts';
import type { Input } from './read-input.ts';
import { storedName } from './record-name.ts';
import { isSignatureValid, readAuthorization, type SignedRequest, signedAtMs } from './verify-signature.ts';

export type AccessKey = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiresAtMs?: number;
  /** Absent: everything. */
  readonly policy?: Policy;
};

/** What `Allow` statements say: actions without their prefix, ids of zones, and the values of the three condition keys. */
export type Policy = {
  readonly actions: readonly string[];
  readonly zones?: readonly string[];
  readonly recordNames?: readonly string[];
  readonly recordTypes?: readonly string[];
  readonly changeActions?: readonly string[];
};

/** "Common Errors": a request is refused when it arrives more than 15 minutes after its date, or before it. */
const AGE_MAX_MS = 15 * 60_000;
/** "Amazon Route 53 endpoints": requests to the global endpoint are signed for this region. */
const REGION = 'us-east-1';

export function authenticate(
  request: SignedRequest,
  keys: ReadonlyMap<string, AccessKey>,
  { nowMs, service, clockForm }: AuthenticateOptions,
): AccessKey {
  const authorization = readAuthorization(request.headers);
  if (authorization === null) throw new ApiError(403, 'MissingAuthenticationToken', 'Missing Authentication Token');
  const key = keys.get(authorization.accessKeyId);
  const token = request.headers['x-amz-security-token'];
  if (key === undefined || key.sessionToken !== token)
    throw new ApiError(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.');
  const atMs = signedAtMs(request.headers);
  if (atMs === null || Math.abs(nowMs - atMs) > AGE_MAX_MS) throw expired(atMs ?? 0, nowMs, clockForm);
  const isScoped = authorization.service === service && authorization.region === REGION;
  if (!isScoped || !isSignatureValid(request, authorization, key.secretAccessKey)) throw mismatch(request);
  if (key.expiresAtMs !== undefined && key.expiresAtMs <= nowMs)
    throw new ApiError(403, 'ExpiredToken', 'The security token included in the request is expired');
  return key;
}

/** The page of common errors has the first form; the second is what has been seen of signed requests. */
export type ClockForm = 'RequestExpired' | 'SignatureDoesNotMatch';

export type AuthenticateOptions = {
  readonly nowMs: number;
  readonly service: 'route53' | 'sts';
  readonly clockForm: ClockForm;
};

function expired(atMs: number, nowMs: number, form: ClockForm): ApiError {
  if (form === 'RequestExpired') return new ApiError(400, form, 'Request has expired.');
  const [at, now] = [atMs, nowMs].map((ms) => new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, ''));
  const text =
    atMs < nowMs
      ? `Signature expired: ${at} is now earlier than`
      : `Signature not yet current: ${at} is still later than`;
  return new ApiError(403, form, `${text} ${now} (${now} - 15 min.)`);
}

/** The real message repeats what was signed, a session token included: whoever logs it must not log that. */
function mismatch({ method, path, headers }: SignedRequest): ApiError {
  const token = `${headers['x-amz-security-token'] ?? ''}`;
  const text =
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';
  const canonical = `The Canonical String for this request should have been\n'${method}\n${path}\n\nhost:${headers.host}\nx-amz-security-token:${token}'`;
  return new ApiError(403, 'SignatureDoesNotMatch', `${text}\n\n${canonical}`);
}

export function authorize({ accessKeyId, policy }: AccessKey, action: string, zone: string | null, input: Input): void {
  if (policy === undefined || isAllowed(policy, action, zone, input)) return;
  const resource = zone === null ? '*' : `arn:aws:route53:::hostedzone/${zone}`;
  const who = `arn:aws:iam::123456789012:user/${accessKeyId}`;
  const what = `is not authorized to perform: route53:${action} on resource: ${resource}`;
  throw new ApiError(
    403,
    'AccessDenied',
    `User: ${who} ${what} because no identity-based policy allows the route53:${action} action`,
  );
}

function isAllowed(policy: Policy, action: string, zone: string | null, input: Input): boolean {
  if (!policy.actions.includes(action)) return false;
  if (zone !== null && policy.zones !== undefined && !policy.zones.includes(zone)) return false;
  if (action !== 'ChangeResourceRecordSets') return true;
  const changes = ((input.ChangeBatch as Input).Changes ?? []) as readonly Input[];
  return changes.every(({ Action: change, ResourceRecordSet: set }) => {
    const { Name: name, Type: type } = set as Input;
    const isNamed = policy.recordNames?.includes(normalized(`${name}`)) ?? true;
    const isTyped = policy.recordTypes?.includes(`${type}`) ?? true;
    return isNamed && isTyped && (policy.changeActions?.includes(`${change}`) ?? true);
  });
}

/** As condition keys have names: the stored spelling without the dot at the end. */
function normalized(name: string): string {
  const stored = storedName(name);
  return stored.ok ? stored.value.slice(0, -1) : name;
}
