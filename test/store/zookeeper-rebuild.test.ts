// A cluster is begun anew on a real ZooKeeper, whose commits are smaller than those of the others (S4, S8).
import { zookeeperWorlds } from '../support/zookeeper-world.ts';
import { rebuildTests } from './rebuild-tests.ts';

rebuildTests('zookeeper', zookeeperWorlds());
