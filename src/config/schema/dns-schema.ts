// How people write the zones that oneup serves itself.
import * as z from 'zod';
import { durationText } from './duration-text.ts';
import { idText } from './id-text.ts';
import { listenText } from './listen-text.ts';
import { nameText } from './name-text.ts';
import { serverText } from './server-text.ts';
import { strictKeys } from './strict-keys.ts';
import { ttlText } from './ttl-text.ts';
import { wordText } from './word-text.ts';

const ZONES_MAX = 32;
/** Zones are held, published and compared whole; larger ones belong in a name server made for them. */
const RECORDS_MAX = 1_000;
const VALUES_MAX = 64;
/** Room for a DKIM key in TXT, far below the 64 KiB of RFC 1035 section 3.2.1. */
const VALUE_LENGTH_MAX = 4_096;
const NAME_SERVERS_MAX = 13;
/** Each is asked after every cutover. */
const RESOLVERS_MAX = 16;
/** Route 53 says 60 s (Developer Guide); a secondary without NOTIFY follows at its refresh time, which nobody waits for. */
const PATIENCE = { minMs: 100, maxMs: 600_000 };
/** RFC 1912 section 2.2 advises 2 to 4 weeks for expire. */
const SOA_MAX_SECONDS = 31 * 86_400;

const soaTimer = { minSeconds: 1, maxSeconds: SOA_MAX_SECONDS };

const soaSchema = strictKeys({
  refresh: ttlText(soaTimer)
    .prefault('1m')
    .meta({ description: 'secondaries ask for changes this often, beside NOTIFY' }),
  retry: ttlText(soaTimer).prefault('15s').meta({ description: 'and again after this long when nobody answered' }),
  expire: ttlText(soaTimer).prefault('1d').meta({ description: 'a secondary without contact answers this long' }),
  minimum: ttlText({ minSeconds: 0 })
    .prefault('5s')
    .meta({ description: 'resolvers remember for this long that a name does not exist (RFC 2308)' }),
  ttl: ttlText().prefault('5m').meta({ description: 'TTL of the SOA record' }),
});

/** Types that people may write; the SOA is oneup's own. */
const STATIC_TYPES = ['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'SRV', 'TXT'] as const;

const recordSchema = strictKeys({
  name: z
    .string()
    .min(1)
    .meta({ description: 'name inside the zone: `www`, `@` for the zone itself, or absolute with a dot at its end' }),
  type: z.enum(STATIC_TYPES).meta({ description: 'record type' }),
  ttl: ttlText({ minSeconds: 0 }).prefault('5m').meta({ description: 'TTL of the records' }),
  values: z
    .array(wordText.max(VALUE_LENGTH_MAX))
    .min(1)
    .max(VALUES_MAX)
    .meta({
      description:
        'values as in a zone file, names absolute with a dot at their end; a TXT value without quotes is one text',
      examples: [['10 mail.example.com.']],
    }),
}).meta({ id: 'StaticRecord', description: 'Records that stand beside the managed ones' });

export type StaticRecordWritten = z.output<typeof recordSchema>;

const zoneSchema = strictKeys({
  name: nameText.meta({ description: 'name of the zone, delegated to the probers' }),
  ns: z.array(idText).min(1).max(NAME_SERVERS_MAX).meta({ description: 'probers that are name servers of the zone' }),
  nsNames: z.record(z.string(), nameText).prefault({}).meta({
    description: "name of each name server by prober id [`<prober>.ns.<zone>`, with glue from the prober's address]",
  }),
  hostmaster: nameText.meta({
    description: 'mailbox of the person in charge, with a dot for the @',
  }),
  soa: soaSchema.prefault({}).meta({ description: 'timers of the SOA record' }),
  records: z.array(recordSchema).max(RECORDS_MAX).prefault([]).meta({ description: 'static records' }),
}).meta({ id: 'Zone', description: 'A zone that oneup serves' });

export type ZoneWritten = z.output<typeof zoneSchema>;

export const dnsSchema = strictKeys({
  listen: listenText.optional().meta({
    description: 'where the name server of every prober listens that has no `listen` of its own',
  }),
  zones: z.array(zoneSchema).max(ZONES_MAX).prefault([]).meta({ description: 'zones that oneup serves' }),
  onStale: z.enum(['refuse', 'serve']).optional().meta({
    description:
      'what a name server does after `staleAfter` without the store (S30) [`refuse` if every zone has three name servers, else `serve`]',
  }),
  resolvers: z
    .array(serverText)
    .max(RESOLVERS_MAX)
    .prefault([])
    .meta({
      description:
        'resolvers as host:port, your own or public ones, that are asked after each cutover what they still hold, and for the name servers of zones that others serve',
      examples: [['192.0.2.53:53', '[2001:db8::53]:53']],
    }),
  patience: durationText(PATIENCE).prefault('1m').meta({
    description:
      'how long name servers that are not ours have to answer anew after a write before they are called late',
  }),
}).meta({ id: 'Dns', description: 'The name servers and their zones' });

export type DnsWritten = z.output<typeof dnsSchema>;
