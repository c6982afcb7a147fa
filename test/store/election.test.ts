// Elections and terms on every engine that several machines can share, each as a real server.
import { describeEtcdElections } from '../support/election-etcd.ts';
import { describeElections } from '../support/election-suite.ts';
import { ENGINE_KINDS } from '../support/servers/engines.ts';

for (const kind of ENGINE_KINDS) describeElections(kind);
describeEtcdElections();
