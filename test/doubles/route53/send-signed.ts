// Sends a request that no library would build: signed, but with any body, path or query. For what the double must refuse.
import type { AccessKey } from './access.ts';
import { NAMESPACE } from './model.ts';
import { type SignedRequest, signatureOf } from './verify-signature.ts';

export type RawRequest = { readonly method: 'GET' | 'POST'; readonly pathAndQuery: string; readonly body?: string };
export type RawAnswer = { readonly status: number; readonly text: string };

const SIGNED_HEADERS = ['host', 'x-amz-date'];

export async function sendSigned(endpoint: string, key: AccessKey, request: RawRequest): Promise<RawAnswer> {
  const url = new URL(request.pathAndQuery, endpoint);
  const { body = '' } = request;
  const stamp = new Date(Date.now()).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const headers = { host: url.host, 'x-amz-date': stamp };
  const signed: SignedRequest = { method: request.method, path: url.pathname, query: url.searchParams, headers, body };
  const scope = { signedHeaders: SIGNED_HEADERS, date: stamp.slice(0, 8), region: 'us-east-1', service: 'route53' };
  const signature = signatureOf(signed, scope, key.secretAccessKey);
  const credential = `${key.accessKeyId}/${scope.date}/${scope.region}/${scope.service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${SIGNED_HEADERS.join(';')}, Signature=${signature}`;
  const response = await fetch(url, {
    method: request.method,
    headers: { 'x-amz-date': stamp, authorization },
    signal: AbortSignal.timeout(10_000),
    ...(request.method === 'POST' ? { body } : {}),
  });
  return { status: response.status, text: await response.text() };
}

/** A whole change batch around the given `Change` elements. */
export function batchBody(changes: string): string {
  return `<ChangeResourceRecordSetsRequest xmlns="${NAMESPACE}"><ChangeBatch><Changes>${changes}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>`;
}

/** A `Change` element around the inner XML of its record set. */
export function changeXml(set: string, action = 'CREATE'): string {
  return `<Change><Action>${action}</Action><ResourceRecordSet>${set}</ResourceRecordSet></Change>`;
}
