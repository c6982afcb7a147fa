// A late writer changes nothing in a zone of Route 53: real probers, and the double of the service.
import { startRoute53Place } from './support/route53-place.ts';
import { describeStaleWriter } from './support/stale-writer.ts';

describeStaleWriter('route53', startRoute53Place);
