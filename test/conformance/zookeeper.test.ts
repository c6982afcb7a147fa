// The ZooKeeper engine keeps the contract of stores, on a real server.
import { zookeeperWorlds } from '../support/zookeeper-world.ts';
import { describeStoreContract } from './store.ts';

describeStoreContract('zookeeper store', zookeeperWorlds());
