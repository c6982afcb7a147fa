// Our own stories of DNS as part of a move, at a real BIND.
import { describePlannedTtl } from './support/planned-ttl.ts';
import { describeStories } from './support/provider-stories.ts';

describeStories('BIND');
describePlannedTtl('BIND', { steady: 3, lowered: 1 });
