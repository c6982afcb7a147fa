// The signatures between oneup and a hook: one over each request, one over its answer, both bound to the nonce of that request,
// so that neither can be forged, replayed or given for another question.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../base/secret.ts';

export type SignedRequest = { readonly path: string; readonly nonce: string; readonly body: string };
export type SignedAnswer = { readonly status: number; readonly nonce: string; readonly body: string };

export function signRequest({ path, nonce, body }: SignedRequest, secret: Secret): string {
  return digest(`POST\n${path}\n${nonce}\n${body}`, secret);
}

export function isAnswerSigned({ status, nonce, body }: SignedAnswer, signature: string, secret: Secret): boolean {
  const expected = Buffer.from(digest(`answer\n${status}\n${nonce}\n${body}`, secret));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function digest(text: string, secret: Secret): string {
  return createHmac('sha256', secret.reveal()).update(text).digest('hex');
}
