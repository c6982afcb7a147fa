# One instance of the service that listens within milliseconds of its start, so that the figures are those of oneup. As
# test/e2e/support/instance-process.ts it holds the token that only one can hold. Usage: quick-instance.pl ADDRESS TOKEN NODE
use strict;
use warnings;
use Socket;

# test/e2e/support/cluster-files.ts has the same ports.
my ($HTTP_PORT, $TOKEN_PORT) = (18081, 18082);
my ($address, $token, $node) = @ARGV;

sub opened {
  my ($host, $port) = @_;
  socket(my $server, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
  setsockopt($server, SOL_SOCKET, SO_REUSEADDR, 1) or die "setsockopt: $!";
  bind($server, sockaddr_in($port, inet_aton($host))) or return undef;
  listen($server, 64) or return undef;
  return $server;
}

my $holder = opened($token, $TOKEN_PORT);
if (!defined $holder) {
  my $line = "$node found the token taken: $!\n";
  open(my $log, '>>', 'overlaps.log') or die "overlaps.log: $!";
  print $log $line;
  exit 1;
}
my $server = opened($address, $HTTP_PORT) or die "$address:$HTTP_PORT: $!";
while (1) {
  accept(my $client, $server) or next;
  my $request = '';
  while ($request !~ /\r\n\r\n/) { sysread($client, $request, 4096, length $request) or last }
  syswrite($client, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " . length($node) . "\r\n\r\n$node");
  close $client;
}
