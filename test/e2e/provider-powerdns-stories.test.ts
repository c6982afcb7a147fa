// Our own stories of DNS as part of a move, at a real PowerDNS.
import { describePlannedTtl } from './support/planned-ttl.ts';
import { describeStories } from './support/provider-stories.ts';

describeStories('PowerDNS');
describePlannedTtl('PowerDNS', { steady: 3, lowered: 1 });
