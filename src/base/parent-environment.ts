// What scripts inherit from oneup's own environment: enough to find programs and print text, and no credentials.

/** The environment of this process as the wiring read it. */
export type ParentEnvironment = Readonly<Record<string, string | undefined>>;

const INHERITED = ['PATH', 'HOME', 'LANG'] as const;

export function inheritedVariables(parent: ParentEnvironment): Readonly<Record<string, string>> {
  return Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = parent[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
