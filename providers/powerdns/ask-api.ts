// One request to the HTTP API of PowerDNS, bounded in time and size. Its answers are text or JSON; what they mean is read
// elsewhere. https://doc.powerdns.com/authoritative/http-api/
import type { Clock } from '../../src/base/clock.ts';
import { err, ok, type Result } from '../../src/base/result.ts';
import type { Secret } from '../../src/base/secret.ts';

export type ApiOptions = {
  /** Without a path, such as http://127.0.0.1:8081. */
  readonly url: string;
  readonly apiKey: Secret;
  /** `localhost` on every server that is not a proxy of others. */
  readonly serverId: string;
};

export type Api = ApiOptions & { readonly clock: Pick<Clock, 'timer'>; readonly timeoutMs: number };

export type ApiAnswer = { readonly status: number; readonly text: string };

/** All records of one name; a name with more than fits is not one that oneup manages. */
const BODY_MAX_OCTETS = 4_194_304;

/** The error is a reason: nobody answered, or too late, or too much. */
export async function askApi(
  { url, apiKey, serverId, clock, timeoutMs }: Api,
  { method, path, signal }: { readonly method: 'GET' | 'PUT'; readonly path: string; readonly signal: AbortSignal },
): Promise<Result<ApiAnswer, string>> {
  const late = new AbortController();
  const timer = clock.timer(timeoutMs, () => late.abort(new Error(`no answer within ${timeoutMs} ms`)));
  try {
    const response = await fetch(`${url}/api/v1/servers/${encodeURIComponent(serverId)}/${path}`, {
      method,
      headers: { 'X-API-Key': apiKey.reveal(), Accept: 'application/json' },
      signal: AbortSignal.any([signal, late.signal]),
      // The key is for this server and no other.
      redirect: 'error',
    });
    const text = await readText(response);
    return text === null
      ? err(`${url} answered more than ${BODY_MAX_OCTETS} octets`)
      : ok({ status: response.status, text });
  } catch (error) {
    return err(`${url} does not answer: ${reasonOf(error)}`);
  } finally {
    timer.stop();
  }
}

async function readText(response: Response): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let octets = 0;
  for await (const chunk of response.body ?? []) {
    octets += chunk.length;
    if (octets > BODY_MAX_OCTETS) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The cause says ECONNREFUSED, where the error says "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
