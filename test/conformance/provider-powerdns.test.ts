// The PowerDNS provider keeps the contract of providers on a real server.
import { makePowerDnsWorld } from '../support/provider-world-powerdns.ts';
import { describeProviderContract } from './provider.ts';

describeProviderContract('powerdns', makePowerDnsWorld);
