// What a name server reports once it has loaded new data for a name: the new values, and for how long answers it gave before
// may still live in resolvers (S31). Stored under served/<prober>/<rrset>.

export type ServedRecord = {
  readonly serial: number;
  readonly values: readonly string[];
  readonly ttlSeconds: number;
  /** Milliseconds from loading until the last answer with other values has expired. */
  readonly drainMs: number;
};

/** null for anything that is not a report: who has not reported counts as answering old data. */
export function parseServedRecord(text: string | undefined): ServedRecord | null {
  if (text === undefined) return null;
  try {
    const { serial, values, ttlSeconds, drainMs } = JSON.parse(text) as Record<string, unknown>;
    if (!isCount(serial) || !isCount(ttlSeconds) || !isCount(drainMs) || !Array.isArray(values)) return null;
    return { serial, values: values.map(String), ttlSeconds, drainMs };
  } catch {
    return null;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
