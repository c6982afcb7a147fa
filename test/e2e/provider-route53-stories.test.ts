// Our own stories of DNS as part of a move, at the double of Route 53.
import { describePlannedTtl } from './support/planned-ttl.ts';
import { describeStories } from './support/provider-stories.ts';

describeStories('Route 53');
describePlannedTtl('Route 53', { steady: 3, lowered: 1 });
