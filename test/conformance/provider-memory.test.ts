// The memory provider keeps the contract of providers.
import { makeMemoryProviderWorld } from '../support/provider-worlds.ts';
import { describeProviderContract } from './provider.ts';

describeProviderContract('memory', makeMemoryProviderWorld);
