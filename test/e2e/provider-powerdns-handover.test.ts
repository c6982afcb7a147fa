// A record at a real PowerDNS is tried, put right, handed back and taken over again by the commands that a person types.
import { describeHandover } from './support/provider-handover.ts';

describeHandover('PowerDNS');
