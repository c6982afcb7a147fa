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
  { name: 'busybox', program: 'busybox', reason: 'the shell of small nodes, for the guard of the ssh driver' },
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
  { name: 'redis-server', program: 'redis-server', reason: 'the far end of redis checks' },
  { name: 'bind9', program: 'named', reason: 'the far end of dns checks, and a server of dynamic updates' },
  { name: 'knot', program: 'knotd', reason: 'a second server of dynamic updates' },
  { name: 'pdns-server', program: 'pdns_server', reason: 'a third server of dynamic updates, with an HTTP API' },
  {
    name: 'pdns-backend-sqlite3',
    program: '/usr/share/pdns-backend-sqlite3',
    reason: 'where PowerDNS keeps its zones in tests',
  },
  { name: 'cron', program: 'cron', reason: 'runs commands on the active node only, as crontabs do' },
  { name: 'procps', program: 'pgrep', reason: 'finds the processes of a user, for a fence recipe' },
  { name: 'iputils-ping', program: 'ping', reason: 'sends the echo requests of icmp checks' },
  { name: 'microsocks', program: 'microsocks', reason: 'a SOCKS5 proxy that checks go through' },
  { name: 'tinyproxy', program: 'tinyproxy', reason: 'an HTTP proxy that checks go through' },
  { name: 'iproute2', program: 'ip', reason: 'network namespaces, and the cables between them' },
  { name: 'nftables', program: 'nft', reason: 'cuts and losses in the network tests' },
  { name: 'faketime', program: 'faketime', reason: 'a wall clock of one process that the network tests step' },
  {
    name: 'python3-botocore',
    program: '/usr/lib/python3/dist-packages/botocore',
    reason: 'the published model of Route 53, and a second client of its double',
  },
];
