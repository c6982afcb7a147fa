// The one server that a zone is written at (S27), and the key that both sides share.
import type { Clock } from '../../src/base/clock.ts';
import { OneupError } from '../../src/base/oneup-error.ts';
import type { Secret } from '../../src/base/secret.ts';
import { makeTsigKey, type TsigAlgorithm, type TsigKey } from '../../src/dns/tsig-key.ts';

export type PrimaryOptions = {
  /** Name of the entry in `providers`. */
  readonly name: string;
  readonly clock: Pick<Clock, 'wallMs' | 'timer'>;
  readonly server: { readonly host: string; readonly port: number };
  /** RFC 8945; `secret` is base64, as key generators print it. */
  readonly tsig: { readonly name: string; readonly algorithm: TsigAlgorithm; readonly secret: Secret };
  /** Longest wait for the answers of one connection; the signal of a call may end it earlier. */
  readonly timeoutMs: number;
};

export type Primary = Omit<PrimaryOptions, 'tsig'> & { readonly key: TsigKey };

/** Throws when the key is not one. */
export function makePrimary({ tsig, ...rest }: PrimaryOptions): Primary {
  const key = makeTsigKey(tsig);
  if (!key.ok) throw new OneupError('ONEUP_CONFIG_INVALID', `Cannot use provider ${rest.name}: ${key.error}`);
  return { ...rest, key: key.value };
}

export function primaryText({ server: { host, port } }: Primary): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
