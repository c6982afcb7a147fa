// Requests that the real API refuses, with the code that it refuses them with. The double must refuse every one of them:
// a double that takes what the service does not take proves nothing.

export type BadRequest = {
  readonly what: string;
  readonly method: string;
  /** Below `/zones/ID`. */
  readonly path: string;
  readonly body?: unknown;
  readonly code: number;
};

const A = { type: 'A', name: 'app.example.com', content: '192.0.2.1', ttl: 60 };
const NO_SUCH = 'f'.repeat(32);
const post = (what: string, body: unknown, code: number): BadRequest => ({
  what,
  method: 'POST',
  path: '/dns_records',
  body,
  code,
});
const batch = (what: string, body: unknown, code: number): BadRequest => ({
  what,
  method: 'POST',
  path: '/dns_records/batch',
  body,
  code,
});
const get = (what: string, path: string, code: number): BadRequest => ({ what, method: 'GET', path, code });

/** The zone holds A `held.example.com`, CNAME `alias.example.com`, NS `sub.example.com` and TXT `text.example.com`. */
export const BAD_REQUESTS: readonly BadRequest[] = [
  post('no JSON', '{', 9207),
  post('no body', '', 9207),
  post('a list', [A], 9207),
  post('no type', { ...A, type: undefined }, 9207),
  post('an unknown type', { ...A, type: 'BOGUS' }, 9207),
  post('a type in lower case', { ...A, type: 'a' }, 9207),
  post('no name', { ...A, name: undefined }, 9207),
  post('an empty name', { ...A, name: '' }, 9207),
  post('a name of 256 octets', { ...A, name: `${'a'.repeat(256)}` }, 9207),
  post('a label of 64 octets', { ...A, name: `${'a'.repeat(64)}.example.com` }, 9000),
  post('a name with a space', { ...A, name: 'a b.example.com' }, 9000),
  post('a name with an empty label', { ...A, name: 'a..example.com' }, 9000),
  post('no content', { ...A, content: undefined }, 9207),
  post('a number as content', { ...A, content: 1 }, 9207),
  post('a field that does not exist', { ...A, weight: 1 }, 9207),
  post('an address that is none', { ...A, content: 'not-an-ip' }, 9005),
  post('IPv6 in an A', { ...A, content: '2001:db8::1' }, 9005),
  post('a short IPv4 address', { ...A, content: '192.0.2' }, 9005),
  post('IPv4 in an AAAA', { ...A, type: 'AAAA' }, 9006),
  post('IPv6 with a zone index', { ...A, type: 'AAAA', content: 'fe80::1%eth0' }, 9006),
  post('a CNAME to nowhere', { ...A, type: 'CNAME', content: 'no such host' }, 9007),
  post('a CNAME to itself', { ...A, type: 'CNAME', content: A.name }, 9039),
  post('an MX without priority', { ...A, type: 'MX', content: 'mail.example.com' }, 9207),
  post('a text with half a pair of quotes', { ...A, type: 'TXT', content: '"half' }, 9101),
  post('a TTL of 0', { ...A, ttl: 0 }, 9021),
  post('a TTL of 59', { ...A, ttl: 59 }, 9021),
  post('a TTL of 30 outside of Enterprise', { ...A, ttl: 30 }, 9021),
  post('a TTL of 86401', { ...A, ttl: 86_401 }, 9021),
  post('half a second', { ...A, ttl: 60.5 }, 9021),
  post('a TTL in words', { ...A, ttl: '60' }, 9207),
  post('a proxied text', { ...A, type: 'TXT', content: '"t"', proxied: true }, 9004),
  post('proxied in words', { ...A, proxied: 'yes' }, 9207),
  post('a tag with a space in its name', { ...A, tags: ['a b:c'] }, 9207),
  post('the same record again', { ...A, name: 'held.example.com' }, 81058),
  post('a CNAME beside an A', { ...A, type: 'CNAME', name: 'held.example.com', content: 'x.example.net' }, 81053),
  post('a second CNAME', { ...A, type: 'CNAME', name: 'alias.example.com', content: 'y.example.net' }, 81053),
  post('an A beside a CNAME', { ...A, name: 'alias.example.com' }, 81054),
  post('an AAAA beside a CNAME', { ...A, type: 'AAAA', name: 'alias.example.com', content: '2001:db8::1' }, 81054),
  post('an A beside NS', { ...A, name: 'sub.example.com' }, 81056),
  post('NS beside an A', { ...A, type: 'NS', name: 'held.example.com', content: 'ns.example.net' }, 81053),
  batch('an operation that does not exist', { upserts: [A] }, 9207),
  batch('a delete without id', { deletes: [{ name: A.name }] }, 9207),
  batch('a delete of an id that is none', { deletes: [{ id: 'abc' }] }, 9207),
  batch('a delete of what is not there', { deletes: [{ id: NO_SUCH }] }, 81044),
  batch('a patch of what is not there', { patches: [{ id: NO_SUCH, ttl: 60 }] }, 81044),
  batch('a put of what is not there', { puts: [{ ...A, id: NO_SUCH }] }, 81044),
  batch('a put without content', { puts: [{ id: NO_SUCH, type: 'A', name: A.name }] }, 9207),
  batch('two equal posts', { posts: [A, A] }, 81058),
  batch('one bad post among good ones', { posts: [A, { ...A, content: '192.0.2.2', ttl: 5 }] }, 9021),
  { what: 'a patch of what is not there', method: 'PATCH', path: `/dns_records/${NO_SUCH}`, body: {}, code: 81044 },
  { what: 'a put of what is not there', method: 'PUT', path: `/dns_records/${NO_SUCH}`, body: A, code: 81044 },
  { what: 'a delete of what is not there', method: 'DELETE', path: `/dns_records/${NO_SUCH}`, code: 81044 },
  get('a record that is not there', `/dns_records/${NO_SUCH}`, 81044),
  get('an id that is none', '/dns_records/abc', 7003),
  get('a filter that does not exist', '/dns_records?host=app.example.com', 9207),
  get('page 0', '/dns_records?page=0', 9207),
  get('an empty page', '/dns_records?per_page=0', 9207),
  get('a path that does not exist', '/records', 7003),
  { what: 'a method that does not exist', method: 'PUT', path: '/dns_records', body: A, code: 10405 },
];
