// Makes an unhandled case of a discriminated union a compile error, and a loud run-time one for data from outside.

/** Never returns. Throws `TypeError` naming the unexpected value. */
export function assertNever(value: never): never {
  throw new TypeError(`Cannot handle unexpected case: ${JSON.stringify(value)}`);
}
