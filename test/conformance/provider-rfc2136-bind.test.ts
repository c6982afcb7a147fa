// The RFC 2136 provider keeps the contract of providers on real BIND.
import { makeRfc2136World } from '../support/provider-world-rfc2136.ts';
import { startBind } from '../support/servers/bind-server.ts';
import { describeProviderContract } from './provider.ts';

describeProviderContract('rfc2136 on BIND', () => makeRfc2136World(startBind));
