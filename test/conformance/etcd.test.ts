// The etcd engine keeps the contract of stores.
import { etcdWorlds } from '../support/etcd-world.ts';
import { describeStoreContract } from './store.ts';

describeStoreContract('etcd store', etcdWorlds());
