// Makes a Config that prints without its secrets: JSON.stringify and util.inspect of the whole show *** in their place.
import { redact, Secret } from '../base/secret.ts';
import type { Config } from './config.ts';

type Inspect = (value: unknown, options: object) => string;

/** The same value with two hidden methods; what programs read from it stays as it is. */
export function maskSecrets(config: Config): Config {
  const masked = () => mask(config, config.secrets);
  const inspect = (_depth: number, options: object, show: Inspect) => show(masked(), options);
  Object.defineProperty(config, 'toJSON', { value: masked });
  Object.defineProperty(config, Symbol.for('nodejs.util.inspect.custom'), { value: inspect });
  return config;
}

function mask(value: unknown, secrets: readonly Secret[]): unknown {
  if (typeof value === 'string') return redact(value, secrets);
  if (value instanceof Secret || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => mask(item, secrets));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mask(item, secrets)]));
}
