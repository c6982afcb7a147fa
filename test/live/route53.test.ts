// The provider suite on a real hosted zone of Route 53, with credentials as the SDK finds them (AWS_PROFILE and the like).
import { createRoute53Provider } from '../../providers/route53/index.ts';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import { describeLive } from './describe-live.ts';

/** An account takes ten requests a second for long, and others may use it too. */
const PAUSE_MS = 250;
/** A port that nothing listens on, of this machine. */
const NOBODY = 'http://127.0.0.1:9';

describeLive({
  kind: 'route53',
  needs: ['ONEUP_LIVE_ROUTE53_ZONE', 'ONEUP_LIVE_ROUTE53_ZONE_ID'],
  open: (value) => {
    const zone = `${value('ONEUP_LIVE_ROUTE53_ZONE').replace(/\.$/, '')}.`;
    const connect = (endpoint: string | null) =>
      createRoute53Provider({
        name: 'live',
        clock: createSystemClock(),
        zones: { [zone]: value('ONEUP_LIVE_ROUTE53_ZONE_ID') },
        credentials: { kind: 'default' },
        assumeRole: null,
        region: null,
        endpoint,
        timeoutMs: 10_000,
      });
    return { zone, connect: () => connect(null), connectToNobody: () => connect(NOBODY), pauseMs: PAUSE_MS };
  },
});
