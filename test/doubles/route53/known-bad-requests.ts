// Requests that the service refuses, each with one mistake and what the answer must say. A double that accepts one of them
// would let a provider pass that the service turns away.
import { batchBody, changeXml, type RawRequest } from './send-signed.ts';

export type BadRequest = { readonly what: string; readonly request: RawRequest; readonly expected: RegExp };

/** The zone of these requests is example.com. with this id. */
export const ZONE_ID = 'ZBADREQUESTS';

const NAME = '<Name>a.example.com.</Name>';
const A = '<Type>A</Type>';
const TTL = '<TTL>60</TTL>';
const RECORDS = '<ResourceRecords><ResourceRecord><Value>192.0.2.1</Value></ResourceRecord></ResourceRecords>';
const GOOD = `${NAME}${A}${TTL}${RECORDS}`;
const ALIAS = `<AliasTarget><HostedZoneId>${ZONE_ID}</HostedZoneId><DNSName>b.example.com.</DNSName><EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget>`;
const RRSET = `/2013-04-01/hostedzone/${ZONE_ID}/rrset/`;

export const KNOWN_BAD_REQUESTS: readonly BadRequest[] = [
  // Against the published model: "ChangeResourceRecordSets" and "ListResourceRecordSets" with their data types,
  // https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
  // https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html
  body('no XML', 'Action=CREATE', /InvalidInput.*Unable to parse/),
  body('half of the XML', batchBody(changeXml(GOOD)).slice(0, -3), /InvalidInput.*Unable to parse/),
  body('another root', '<Batch/>', /InvalidInput.*Expected the element/),
  body('no namespace', batchBody(changeXml(GOOD)).replace(/ xmlns="[^"]*"/, ''), /InvalidInput.*namespace/),
  body('no change', batchBody(''), /length greater than or equal to 1/),
  set('an unknown action', GOOD, /enum value set: \[CREATE, DELETE, UPSERT\]/, 'BOGUS'),
  set('an unknown type', GOOD.replace(A, '<Type>BOGUS</Type>'), /enum value set: \[SOA, A,/),
  set('an unknown element', `${GOOD}<Proxied>true</Proxied>`, /proxied is no element/),
  set('an element twice', `${GOOD}${TTL}`, /tTL stands there twice/),
  set('no name', `${A}${TTL}${RECORDS}`, /'[^']*name' failed to satisfy constraint: Member must not be null/),
  set('no type', `${NAME}${TTL}${RECORDS}`, /'[^']*type' failed to satisfy constraint: Member must not be null/),
  set('a TTL below 0', GOOD.replace(TTL, '<TTL>-1</TTL>'), /value greater than or equal to 0/),
  set('a TTL of 32 bits', GOOD.replace(TTL, '<TTL>2147483648</TTL>'), /value less than or equal to 2147483647/),
  set('half a second', GOOD.replace(TTL, '<TTL>0.5</TTL>'), /whole number/),
  set('an empty list of records', `${NAME}${A}${TTL}<ResourceRecords/>`, /length greater than or equal to 1/),
  set('a value of 4001 characters', GOOD.replace('192.0.2.1', 'x'.repeat(4_001)), /length less than or equal to 4000/),
  set('a weight of 256', `${GOOD}<SetIdentifier>a</SetIdentifier><Weight>256</Weight>`, /less than or equal to 255/),
  set('an alias without health', `${NAME}${A}${ALIAS.replace(/<Eval.*Health>/, '')}`, /evaluateTargetHealth/),
  query('a type without a name', '?type=A', /InvalidInput.*type/),
  query('no number', '?maxitems=many', /InvalidInput.*maxitems/),
  query('an unknown parameter', '?nmae=a.example.com', /query parameter nmae is unknown/),
  // Fields that go together: "ResourceRecordSet", https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html
  set('neither TTL nor alias', `${NAME}${A}${RECORDS}`, /Expected exactly one of \[AliasTarget/),
  set('TTL without records', `${NAME}${A}${TTL}`, /Expected exactly one of \[AliasTarget/),
  set('alias and TTL', `${NAME}${A}${TTL}${ALIAS}`, /found more than one/),
  set('alias and records', `${NAME}${A}${RECORDS}${ALIAS}`, /found more than one/),
  set('a weight without identifier', `${GOOD}<Weight>1</Weight>`, /Missing field 'SetIdentifier'/),
  set('an identifier without policy', `${GOOD}<SetIdentifier>a</SetIdentifier>`, /found 0/),
  set(
    'two policies',
    `${GOOD}<SetIdentifier>a</SetIdentifier><Weight>1</Weight><Failover>PRIMARY</Failover>`,
    /found 2/,
  ),
  // Values by type: "Supported DNS record types",
  // https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html
  set('no address', GOOD.replace('192.0.2.1', 'not-an-ip'), /ARRDATAIllegalIPv4Address/),
  set('an IPv6 address as A', GOOD.replace('192.0.2.1', '2001:db8::1'), /ARRDATAIllegalIPv4Address/),
  set('an IPv4 address as AAAA', GOOD.replace(A, '<Type>AAAA</Type>'), /AAAARRDATAIllegalIPv6Address/),
  set('text without quotation marks', text('plain'), /InvalidCharacterString/),
  set('a quotation mark inside', text('"a"b"'), /InvalidCharacterString/),
  set('text of 256 characters', text(`"${'x'.repeat(256)}"`), /CharacterStringTooLong/),
  set('a letter beyond ASCII', text('"ä"'), /InvalidCharacterString/),
  set(
    'the same value twice',
    GOOD.replace(RECORDS, RECORDS.replace(/(<ResourceRecord>.*Record>)(?=<)/, '$1$1')),
    /duplicate/,
  ),
  // Names: "DNS domain name format", https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
  set(
    'a name of another zone',
    GOOD.replace('a.example.com.', 'a.example.org.'),
    /not permitted in zone example\.com\./,
  ),
  set('a name that only ends alike', GOOD.replace('a.example.com.', 'aexample.com.'), /not permitted in zone/),
  set('an empty label', GOOD.replace('a.example.com.', 'a..example.com.'), /DomainLabelEmpty/),
  set('a label of 64 octets', GOOD.replace('a.example.com.', `${'x'.repeat(64)}.example.com.`), /DomainLabelTooLong/),
  set('a CNAME at the apex', `<Name>example.com.</Name><Type>CNAME</Type>${TTL}${RECORDS}`, /not permitted at apex/),
  set('an alias into nothing', `${NAME}${A}${ALIAS}`, /alias target name does not lie within the target zone/),
  set(
    'a weighted NS',
    `${GOOD.replace(A, '<Type>NS</Type>').replace('192.0.2.1', 'ns.example.com')}<SetIdentifier>a</SetIdentifier><Weight>1</Weight>`,
    /set identifier/,
  ),
  body('the same set twice', batchBody(changeXml(GOOD) + changeXml(GOOD, 'UPSERT')), /invalid set of changes/),
  body('deleted twice', batchBody(changeXml(GOOD, 'DELETE') + changeXml(GOOD, 'DELETE')), /invalid set of changes/),
  // Size of a batch: "Quotas", https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html
  body('1001 records', batchBody(many(1_001, (index) => changeXml(named(index)))), /records limit of 1000/),
  body(
    '501 records as UPSERT',
    batchBody(many(501, (index) => changeXml(named(index), 'UPSERT'))),
    /records limit of 1000/,
  ),
  body(
    '32001 characters',
    batchBody(
      many(129, (index) =>
        changeXml(`<Name>n${index}.example.com</Name>${text(`"${'x'.repeat(250)}"`).replace(NAME, '')}`),
      ),
    ),
    /characters limit of 32000/,
  ),
];

function body(what: string, content: string, expected: RegExp): BadRequest {
  return { what, request: { method: 'POST', pathAndQuery: RRSET, body: content }, expected };
}

function set(what: string, inner: string, expected: RegExp, action = 'CREATE'): BadRequest {
  return body(what, batchBody(changeXml(inner, action)), expected);
}

function query(what: string, text: string, expected: RegExp): BadRequest {
  return { what, request: { method: 'GET', pathAndQuery: RRSET.slice(0, -1) + text }, expected };
}

function text(value: string): string {
  return `${NAME}<Type>TXT</Type>${TTL}${RECORDS.replace('192.0.2.1', value)}`;
}

function named(index: number): string {
  return GOOD.replace('a.example.com.', `n${index}.example.com.`);
}

function many(count: number, make: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => make(index)).join('');
}
