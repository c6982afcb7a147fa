// A controller is killed around its write at the double of Cloudflare, whose TTL of a minute each move waits out: the end is the same, and nothing is written twice.
import { describeKills } from './support/provider-kills.ts';

describeKills('Cloudflare');
