// Elections and terms on every engine that several machines can share, each as a real server.
import { describeElections } from '../support/election-suite.ts';

describeElections('etcd');
