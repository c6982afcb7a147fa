// From what the SDK throws to what a retry may rest on: only what never left this machine, or was refused in words, was not done.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from 'cloudflare/error';
import { callFault } from '../../../../providers/cloudflare/call-fault.ts';

/** As fetch and the SDK wrap it. */
function connectionError(...sockets: readonly NodeJS.ErrnoException[]): APIConnectionError {
  const cause = sockets.length === 1 ? sockets[0] : new AggregateError(sockets);
  return new APIConnectionError({ message: 'Connection error.', cause: new TypeError('fetch failed', { cause }) });
}

function socketError(syscall: string, code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${syscall} ${code}`), { syscall, code });
}

function statusError(status: number, body: object | undefined): APIError {
  return APIError.generate(status, body, 'words', new Headers());
}

describe('a failed call to Cloudflare', () => {
  const refused = socketError('connect', 'ECONNREFUSED');
  const cut = socketError('read', 'ECONNRESET');
  const cases: readonly (readonly [string, unknown, string, boolean])[] = [
    ['a refused connection', connectionError(refused), 'UNREACHABLE', false],
    ['every address refused', connectionError(refused, refused), 'UNREACHABLE', false],
    ['a name that does not resolve', connectionError(socketError('getaddrinfo', 'ENOTFOUND')), 'UNREACHABLE', false],
    ['a foreign certificate', connectionError(socketError('', 'ERR_TLS_CERT_ALTNAME_INVALID')), 'UNREACHABLE', false],
    ['a certificate of nobody', connectionError(socketError('', 'DEPTH_ZERO_SELF_SIGNED_CERT')), 'UNREACHABLE', false],
    ['a cut connection', connectionError(cut), 'UNANSWERED', true],
    ['one address refused, the other cut', connectionError(refused, cut), 'UNANSWERED', true],
    ['silence', new APIConnectionTimeoutError(), 'UNANSWERED', true],
    ['the deadline of the caller', new APIUserAbortError(), 'UNANSWERED', true],
    ['status 500', statusError(500, { errors: [{ code: 10000, message: 'x' }] }), 'UNANSWERED', true],
    ['status 408', statusError(408, undefined), 'UNANSWERED', true],
    ['status 403 without words', statusError(403, undefined), 'DENIED', false],
    ['status 404 without words', statusError(404, undefined), 'ANSWER_INVALID', false],
    ['a code that nobody knows', statusError(400, { errors: [{ code: 4711, message: 'x' }] }), 'REFUSED', false],
  ];
  for (const [what, error, code, isSent] of cases) {
    test(`${what} is ${code}`, () => {
      const fault = callFault(error, []);
      assert.deepEqual([fault.code, fault.isSent], [`ONEUP_PROVIDER_${code}`, isSent], fault.reason);
    });
  }

  test('a fault of ours is none of the API', () => {
    assert.throws(() => callFault(new RangeError('ours'), []), RangeError);
  });
});
