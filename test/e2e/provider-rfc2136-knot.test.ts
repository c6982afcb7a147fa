// Late and stale updates of a cluster whose record lives at a real Knot DNS.
import { describeLateUpdates } from './support/late-updates.ts';

describeLateUpdates('Knot DNS');
