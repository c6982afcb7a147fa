// The resolved listener of the API: what a prober shows to agents.
import type { Secret } from '../base/secret.ts';

/** PEM texts. */
export type ApiTlsConfig = { readonly cert: string; readonly key: Secret };
