// A record at the double of Cloudflare is tried, put right, handed back and taken over again by the commands that a person types.
import { describeHandover } from './support/provider-handover.ts';

describeHandover('Cloudflare');
