// Freezes what crosses a module door, so that nobody downstream can change what others also hold.

/** Freezes `value` and everything below it, in place, and returns it. Class instances are frozen shallowly. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const child of Object.values(value)) deepFreeze(child);
  return value;
}
