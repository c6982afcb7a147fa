// One guarded change of one RRset: what must be there now, and what shall be there then (S26).
import type { Rrset } from '../dns/rrset.ts';

/** `before: null` means the RRset must not exist; `after: null` removes it. At least one is not null. */
export type RrsetChange =
  | { readonly before: Rrset; readonly after: Rrset }
  | { readonly before: null; readonly after: Rrset }
  | { readonly before: Rrset; readonly after: null };
