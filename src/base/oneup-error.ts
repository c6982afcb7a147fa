// Faults that are thrown carry a stable code from the catalogue, what to do about it, and the cause.
import { ERROR_CATALOGUE, type ErrorCode } from './error-catalogue.ts';

export class OneupError extends Error {
  readonly code: ErrorCode;
  /** What the reader can do about it; the catalogue's remedy unless the place that threw knows better. */
  readonly remedy: string;

  constructor(code: ErrorCode, message: string, options: { readonly cause?: unknown; readonly remedy?: string } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : {});
    this.name = 'OneupError';
    this.code = code;
    this.remedy = options.remedy ?? ERROR_CATALOGUE[code].remedy;
  }
}
