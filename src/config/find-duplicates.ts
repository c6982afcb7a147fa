// Positions in a list whose value stood there before.

export type Duplicate<T> = { readonly value: T; readonly index: number; readonly firstIndex: number };

export function findDuplicates<T>(values: readonly T[]): readonly Duplicate<T>[] {
  const first = new Map<T, number>();
  const duplicates: Duplicate<T>[] = [];
  for (const [index, value] of values.entries()) {
    const firstIndex = first.get(value);
    if (firstIndex === undefined) first.set(value, index);
    else duplicates.push({ value, index, firstIndex });
  }
  return duplicates;
}
