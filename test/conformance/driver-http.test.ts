// The http driver keeps the contract of all drivers, against the reference hook.
import { openHttpBench } from '../support/http-bench.ts';
import { describeDriver } from './driver.ts';

describeDriver('http', openHttpBench);
