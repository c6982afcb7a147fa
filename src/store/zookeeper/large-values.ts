// Which values of a commit do not go into its packet. A value over 256 KiB never does; smaller ones stay out as far as they
// must, because everything that a commit changes has to fit into one packet of ZooKeeper (jute.maxbuffer, 1 MiB).
import type { StoreWrite } from '../../ports/store.ts';

/** Of the packet; the rest is for the record of the log, which is kept apart when it is larger, and for what goes with it. */
const DATA_BYTES_MAX = 600 * 1024;
/** Most a write takes beside key and value: path, rights, version, session. */
const WRITE_BYTES = 256;
const INLINE_BYTES_MAX = [256 * 1024, 64 * 1024, 16 * 1024, 4 * 1024, 1024] as const;
const SMALLEST = 1024;

export type LargeValue = { readonly key: string; readonly bytes: Buffer };

export function largeValuesOf(writes: readonly StoreWrite[]): readonly LargeValue[] {
  const puts = writes.filter((write) => write.kind === 'put');
  const sizes = puts.map(({ value }) => Buffer.byteLength(value));
  const fixed = writes.reduce((sum, { key }) => sum + key.length + WRITE_BYTES, 0);
  const fits = (limit: number): boolean =>
    sizes.reduce((sum, size) => sum + (size > limit ? 0 : size), fixed) <= DATA_BYTES_MAX;
  const limit = INLINE_BYTES_MAX.find(fits) ?? SMALLEST;
  return puts.flatMap(({ key, value }, at) =>
    (sizes[at] as number) > limit ? [{ key, bytes: Buffer.from(value) }] : [],
  );
}
