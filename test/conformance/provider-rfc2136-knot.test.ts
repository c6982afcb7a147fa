// The RFC 2136 provider keeps the contract of providers on real Knot DNS.
import { makeRfc2136World } from '../support/provider-world-rfc2136.ts';
import { startKnot } from '../support/servers/knot-server.ts';
import { describeProviderContract } from './provider.ts';

describeProviderContract('rfc2136 on Knot DNS', () => makeRfc2136World(startKnot));
