// The RFC 2136 provider keeps the contract of providers on real PowerDNS.
import { makeRfc2136World } from '../support/provider-world-rfc2136.ts';
import { startPowerDns } from '../support/servers/powerdns-server.ts';
import { describeProviderContract } from './provider.ts';

describeProviderContract('rfc2136 on PowerDNS', () => makeRfc2136World(startPowerDns));
