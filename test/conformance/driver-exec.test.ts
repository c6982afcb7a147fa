// The exec driver keeps the contract of all drivers.
import { openExecBench } from '../support/exec-bench.ts';
import { describeDriver } from './driver.ts';

describeDriver('exec', openExecBench);
