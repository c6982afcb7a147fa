// The demo with its name at other providers: a real BIND, and both doubles of clouds. Each ends with what the world answered: two
// authoritative servers and a real resolver, with the rest of the TTL and the time until each gave the new answer.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startDemo } from './support/start-demo.ts';

/** Cloudflare publishes nothing shorter than a minute, which three operations wait out. */
const DEMO_MAX_MS = 420_000;

describe('npm run demo -- --provider', { timeout: DEMO_MAX_MS, concurrency: 3 }, () => {
  for (const [provider, ttlSeconds] of [
    ['rfc2136', 4],
    ['route53', 4],
    ['cloudflare', 60],
  ] as const)
    test(`${provider}: every answer is right, and the report names each server and resolver`, async () => {
      const demo = startDemo(['--provider', provider]);
      assert.equal(await demo.ended, 0, demo.text());
      const text = demo.text();
      assert.match(text, /Every answer was as it must be/);
      const report = text.slice(text.indexOf('What the world answered'));
      for (const title of ['switchover web --to a', 'automatic failover after kill -9', 'failback web'])
        assert.ok(
          report.includes(`   ${title}\n   web.ha.example.com. A: 127.0.0.2`),
          `${title} has a report:\n${report}`,
        );
      const servers = report.match(
        /server 127\.0\.0\.1:\d+ +new +127\.0\.0\.2[12] \(TTL \d+ s\) +serial \d+ +after \S+/g,
      );
      assert.equal(servers?.length, 6, report);
      const resolvers = report.match(/resolver 127\.0\.0\.1:\d+ +new +127\.0\.0\.2[12] \(TTL \d+ s\) +after \S+/g);
      assert.equal(resolvers?.length, 3, report);
      assert.equal(report.match(/the provider confirms the change/g)?.length, 3, report);
      assert.equal(report.match(/nobody gives another answer/g)?.length, 3, report);
      assert.ok(servers?.[2]?.includes(`(TTL ${ttlSeconds} s)`), 'an unplanned failover keeps the TTL');
    });
});
