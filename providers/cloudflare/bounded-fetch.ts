// The fetch that the SDK is given: it reads a whole answer within a bound, follows no redirect, and takes nothing for a success
// that does not say so. The SDK would read a page of a proxy in between as an empty list of records.
import { z } from 'zod';

/** 10,000 records of 500 octets. */
const BODY_MAX_OCTETS = 5_000_000;
/** Fetch, https://fetch.spec.whatwg.org/#null-body-status: these have none, and an answer of ours must not make one up. */
const BODILESS: readonly number[] = [101, 204, 205, 304];

const successSchema = z.looseObject({ success: z.literal(true) });

/** The answer cannot be used, whatever its status says. */
export class AnswerFault extends Error {}

export async function boundedFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, { ...init, redirect: 'manual' });
  const { status, statusText, headers } = response;
  const body = await readBounded(response);
  if (response.ok && !isSuccess(body))
    throw new AnswerFault(`status ${status} with a body that is no answer of the API`);
  return new Response(BODILESS.includes(status) ? null : body, { status, statusText, headers });
}

async function readBounded(response: Response): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let octets = 0;
  let text = '';
  for await (const chunk of response.body) {
    octets += chunk.byteLength;
    if (octets > BODY_MAX_OCTETS) throw new AnswerFault(`an answer of more than ${BODY_MAX_OCTETS} octets`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function isSuccess(body: string): boolean {
  try {
    return successSchema.safeParse(JSON.parse(body)).success;
  } catch {
    return false;
  }
}
