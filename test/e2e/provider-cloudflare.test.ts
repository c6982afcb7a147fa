// A late writer changes nothing in a zone of Cloudflare: real probers, and the double of the API.
import { startCloudflarePlace } from './support/cloudflare-place.ts';
import { describeStaleWriter } from './support/stale-writer.ts';

describeStaleWriter('cloudflare', startCloudflarePlace);
