// Late and stale updates of a cluster whose record lives at a real PowerDNS, whose API is read.
import { describeLateUpdates } from './support/late-updates.ts';

describeLateUpdates('PowerDNS');
