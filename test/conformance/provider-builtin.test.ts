// The built-in provider keeps the contract of providers.
import { makeBuiltinProviderWorld } from '../support/provider-worlds.ts';
import { describeProviderContract } from './provider.ts';

describeProviderContract('builtin', makeBuiltinProviderWorld);
