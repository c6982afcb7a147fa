// A record at the double of Route 53 is tried, put right, handed back and taken over again by the commands that a person types.
import { describeHandover } from './support/provider-handover.ts';

describeHandover('Route 53');
