// Faults that are thrown carry a stable code from the catalogue, what to do about it, and the cause.
import { ERROR_CATALOGUE, type ErrorCode } from './error-catalogue.ts';

export class OneupError extends Error {
  readonly code: ErrorCode;
  /** What the reader can do about it; the catalogue's remedy unless the place that threw knows better. */
  readonly remedy: string;
  /** What the other side asks to wait before it is asked again; null when it did not say. */
  readonly retryAfterMs: number | null;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly remedy?: string; readonly retryAfterMs?: number | null } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : {});
    this.name = 'OneupError';
    this.code = code;
    this.remedy = options.remedy ?? ERROR_CATALOGUE[code].remedy;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}
