// A cluster is begun anew on a file and on etcd (S4, S8).
import { etcdWorlds } from '../support/etcd-world.ts';
import { makeSqliteWorld } from '../support/sqlite-world.ts';
import { rebuildTests } from './rebuild-tests.ts';

rebuildTests('sqlite', makeSqliteWorld);
rebuildTests('etcd', etcdWorlds());
