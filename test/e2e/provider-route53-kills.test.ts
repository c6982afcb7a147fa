// A controller is killed around its write at the double of Route 53: the end is the same, and nothing is written twice.
import { describeKills } from './support/provider-kills.ts';

describeKills('Route 53');
