// One place on a network where something listens.

/** An address and port to listen on or to ask: `127.0.0.1:53`, `[::1]:53`. */
export type Endpoint = { readonly host: string; readonly port: number };
