// Our own stories of DNS as part of a move, at the double of Cloudflare, which has no TTL below a minute.
import { describePlannedTtl } from './support/planned-ttl.ts';
import { describeStories } from './support/provider-stories.ts';

describeStories('Cloudflare');
describePlannedTtl('Cloudflare', { steady: 120, lowered: 60 });
