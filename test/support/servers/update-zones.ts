// What every server of dynamic updates serves in tests: two zones with nothing but their apex, and the keys that may write.
import type { TsigAlgorithm } from '../../../src/dns/tsig-key.ts';
import type { SmallServer } from './small-server.ts';

export type UpdateServer = SmallServer;

export type UpdateServerOptions = {
  /** Records of example.com besides the apex, as lines of a zone file with absolute names. */
  readonly records?: readonly string[];
  /** More names that the key may write, besides all of them. */
  readonly limitedTo?: string;
};

export type UpdateKey = { readonly name: string; readonly algorithm: TsigAlgorithm; readonly secret: string };

export const UPDATE_ZONES = ['example.com', 'example.net'] as const;
export const UPDATE_KEY: UpdateKey = {
  name: 'oneup-key',
  algorithm: 'hmac-sha256',
  secret: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=',
};
/** Known to the servers, and without any right. */
export const OTHER_KEY: UpdateKey = {
  ...UPDATE_KEY,
  name: 'other-key',
  secret: 'b3RoZXIgc2VjcmV0IG9mIHRoaXJ0eS10d28gb2N0ZXQ=',
};
const FIRST_SERIAL = 1;

export function zoneFile(zone: string, records: readonly string[] = []): string {
  return [
    `${zone}. 60 IN SOA ns.${zone}. hostmaster.${zone}. ${FIRST_SERIAL} 3600 600 86400 60`,
    `${zone}. 60 IN NS ns.example.org.`,
    ...(zone === 'example.com' ? records : []),
    '',
  ].join('\n');
}
