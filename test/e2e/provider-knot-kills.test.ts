// A controller is killed around its write at a real Knot DNS: the end is the same, and nothing is written twice.
import { describeKills } from './support/provider-kills.ts';

describeKills('Knot DNS');
