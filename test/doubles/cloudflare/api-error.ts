// The errors of the v4 API that the double gives, each with the HTTP status and the words that clients see. The vendor publishes
// no list of the numbers: README.md says which are taken from its documentation and which from what users reported.

/** What a call is answered with instead of a result. `chain` holds the details that the API puts under `error_chain`. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: number;
  readonly chain: readonly { readonly code: number; readonly message: string }[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: number,
    message: string,
    {
      chain = [],
      headers = {},
    }: { readonly chain?: ApiError['chain']; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.chain = chain;
    this.headers = headers;
  }
}

export const malformedToken = () =>
  new ApiError(400, 6003, 'Invalid request headers', {
    chain: [{ code: 6111, message: 'Invalid format for Authorization header' }],
  });
export const unknownToken = () => new ApiError(401, 1000, 'Invalid API Token');
export const invalidAccessToken = () => new ApiError(403, 9109, 'Invalid access token');
export const notPermitted = () => new ApiError(403, 10000, 'Authentication error');
export const noRoute = (path: string) =>
  new ApiError(404, 7003, `Could not route to ${path}, perhaps your object identifier is invalid?`);
export const methodNotAllowed = () => new ApiError(405, 10405, 'Method not allowed');
export const rateLimited = (retryAfterSeconds: number) =>
  new ApiError(429, 971, 'Please wait and consider throttling your request speed', {
    headers: { 'retry-after': String(retryAfterSeconds), 'x-ratelimit-remaining': '0' },
  });
export const invalidBody = (detail: string) => new ApiError(400, 9207, `Request body is invalid: ${detail}`);
export const invalidQuery = (detail: string) => new ApiError(400, 9207, `Request query is invalid: ${detail}`);
export const invalidName = () => new ApiError(400, 9000, 'DNS name is invalid.');
export const notProxiable = () => new ApiError(400, 9004, 'This record type cannot be proxied.');
export const invalidContent = (code: number, message: string) => new ApiError(400, code, message);
export const invalidTtl = (minSeconds: number) =>
  new ApiError(400, 9021, `TTL must be between ${minSeconds} and 86400 seconds, or 1 for Automatic.`);
export const noRecord = () => new ApiError(404, 81044, 'Record does not exist.');
export const hostHasAddressOrCname = () =>
  new ApiError(400, 81053, 'An A, AAAA, or CNAME record with that host already exists.');
export const hostHasCname = () => new ApiError(400, 81054, 'A CNAME record with that host already exists.');
export const hostHasNs = () => new ApiError(400, 81056, 'NS records with that host already exist.');
export const identicalRecord = () => new ApiError(400, 81058, 'An identical record already exists.');
export const batchTooLarge = (most: number) =>
  new ApiError(400, 1004, `DNS Validation Error: a batch of this plan holds at most ${most} records`);
