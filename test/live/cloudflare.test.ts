// The provider suite on a real zone of Cloudflare, with a token that may edit its records and read its name.
import { createCloudflareProvider } from '../../providers/cloudflare/index.ts';
import { Secret } from '../../src/base/secret.ts';
import { describeLive } from './describe-live.ts';

/** 1200 requests in five minutes are four a second, of which the dashboard and others need some; a call is up to four of them. */
const PAUSE_MS = 1_000;
/** A port that nothing listens on, of this machine. */
const NOBODY = 'http://127.0.0.1:9/client/v4';

describeLive({
  kind: 'cloudflare',
  needs: ['ONEUP_LIVE_CLOUDFLARE_ZONE', 'ONEUP_LIVE_CLOUDFLARE_ZONE_ID', 'ONEUP_LIVE_CLOUDFLARE_TOKEN'],
  open: (value) => {
    const zone = `${value('ONEUP_LIVE_CLOUDFLARE_ZONE').replace(/\.$/, '')}.`;
    const connect = (endpoint: string | null) =>
      createCloudflareProvider({
        name: 'live',
        zoneIds: { [zone]: value('ONEUP_LIVE_CLOUDFLARE_ZONE_ID') },
        apiToken: new Secret(value('ONEUP_LIVE_CLOUDFLARE_TOKEN')),
        timeoutMs: 10_000,
        endpoint,
      });
    return { zone, connect: () => connect(null), connectToNobody: () => connect(NOBODY), pauseMs: PAUSE_MS };
  },
});
