// Late and stale updates of a cluster whose record lives at a real BIND.
import { describeLateUpdates } from './support/late-updates.ts';

describeLateUpdates('BIND');
