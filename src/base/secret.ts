// A value that never prints: not in logs, not in JSON, not in template strings. Only `reveal` gives it out.

const MASK = '***';

export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The secret itself. Call it where the value leaves for its one purpose, and nowhere else. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return MASK;
  }
}

/** Shorter values are left alone: replacing every "1" or "on" would destroy the text and protect nothing. */
const REDACT_MIN_LENGTH = 6;

/** Replaces every occurrence of a secret in `text`. For evidence from scripts and messages of libraries. */
export function redact(text: string, secrets: readonly Secret[]): string {
  let clean = text;
  for (const secret of secrets) {
    const value = secret.reveal();
    if (value.length >= REDACT_MIN_LENGTH) clean = clean.replaceAll(value, MASK);
  }
  return clean;
}
