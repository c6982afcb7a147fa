// Debian packages of the servers, clients and tools that the tests need, each with the suite that needs it.
// The runner installs what is missing when it may (root on Debian); elsewhere it says what it goes without.

export type AptPackage = {
  readonly name: string;
  /** Program whose presence shows that the package is there, whoever installed it; a path when it is on no path. */
  readonly program: string;
  readonly reason: string;
};

export const APT_PACKAGES: readonly AptPackage[] = [
  { name: 'unbound', program: 'unbound', reason: 'a validating resolver between clients and the name server' },
  { name: 'openssh-server', program: 'sshd', reason: 'the far end of the ssh driver' },
  { name: 'openssh-client', program: 'ssh', reason: 'the near end of the ssh driver' },
  { name: 'dnsutils', program: 'dig', reason: 'an independent client that shows what the name server answers' },
  { name: 'etcd-server', program: 'etcd', reason: 'the store of clusters of machines' },
  {
    name: 'zookeeper',
    program: '/usr/share/zookeeper/bin/zkServer.sh',
    reason: 'the store of shops that run ZooKeeper already',
  },
  { name: 'spin', program: 'spin', reason: 'verifies the model of the protocol' },
  { name: 'gcc', program: 'gcc', reason: 'compiles the verifier that spin generates' },
  { name: 'libc6-dev', program: 'gencat', reason: 'the headers that gcc needs; gencat comes with them' },
  { name: 'postgresql', program: 'pg_ctlcluster', reason: 'the server of the PostgreSQL store' },
  { name: 'mariadb-server', program: 'mariadbd', reason: 'the server of the MySQL store' },
  { name: 'iproute2', program: 'ip', reason: 'network namespaces, and the cables between them' },
  { name: 'nftables', program: 'nft', reason: 'cuts and losses in the network tests' },
  { name: 'faketime', program: 'faketime', reason: 'a wall clock of one process that the network tests step' },
];
