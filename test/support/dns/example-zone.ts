// One zone with every shape that an answer can take: aliases, wildcards, delegations, empty non-terminals, addresses.

export const EXAMPLE_ZONE = `
example.com.            3600 SOA   ns1.example.com. hostmaster.example.com. 2024010101 3600 600 86400 5
example.com.            3600 NS    ns1.example.com.
example.com.            3600 NS    ns2.example.com.
example.com.            300  MX    10 mail.example.com.
example.com.            300  MX    20 mail.example.net.
example.com.            300  TXT   "v=spf1 -all"
example.com.            300  CAA   0 issue "ca.example.net"
ns1.example.com.        3600 A     192.0.2.1
ns1.example.com.        3600 AAAA  2001:db8::1
ns2.example.com.        3600 A     192.0.2.2
mail.example.com.       300  A     192.0.2.25
www.example.com.        20   A     192.0.2.80
www.example.com.        20   AAAA  2001:db8::80
_oneup.www.example.com. 20   TXT   "cluster=prod epoch=4"
alias.example.com.      60   CNAME www.example.com.
second.example.com.     60   CNAME alias.example.com.
away.example.com.       60   CNAME www.example.net.
dangling.example.com.   60   CNAME nobody.example.com.
lost.example.com.       60   CNAME deep.sub.example.com.
_sip._tcp.example.com.  300  SRV   10 5 5060 mail.example.com.
*.wild.example.com.     30   A     192.0.2.99
*.wild.example.com.     30   TXT   "any name"
host.wild.example.com.  30   A     192.0.2.100
*.aliases.example.com.  30   CNAME www.example.com.
sub.example.com.        600  NS    ns.sub.example.com.
sub.example.com.        600  NS    ns1.example.com.
ns.sub.example.com.     600  A     192.0.2.53
`;
