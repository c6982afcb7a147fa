// The servers that a store stands on, each as it answers for itself. `status` shows them beside the health of the store as a
// whole; nothing is ever decided by them.

export type MemberState =
  /** Orders the writes of all. */
  | 'leads'
  | 'follows'
  /** Takes in what the others write and has no vote. */
  | 'observes'
  /** Serves, and knows of no other server. */
  | 'alone'
  /** A database that takes writes. */
  | 'primary'
  /** A database that only reads. */
  | 'readOnly'
  /** It is there; what its part is, it does not say. */
  | 'answers'
  /** It is there and does not serve, at least not this prober. */
  | 'refuses'
  | 'silent'
  /** The others name it, the configuration does not: nobody asked it. */
  | 'unasked';

/** What one member says of itself, or why it says nothing. */
export type MemberAnswer = {
  readonly state: MemberState;
  readonly version: string | null;
  /** What it keeps on its disk, bytes. */
  readonly bytes: number | null;
  /** What is wrong, or unusual, in a few words. */
  readonly reason: string | null;
};

/** `name` is the endpoint as it is configured, or what the member calls itself when it has none. */
export type StoreMember = { readonly name: string } & MemberAnswer;
