// What the name server counts. Plain numbers: metrics, the status page and tests read the same value.
import { formatRcode } from '../dns/rcode.ts';

export type ServerCounts = {
  readonly queries: { readonly udp: number; readonly tcp: number };
  /** Responses by rcode name. */
  readonly responses: Readonly<Record<string, number>>;
  readonly truncated: number;
  readonly dropped: {
    /** No answer may be given: fragments of a header, and responses. */
    readonly silent: number;
    /** Nobody can be answered at port 0. */
    readonly unanswerable: number;
    /** The kernel took no more, or sending failed. */
    readonly unsent: number;
  };
  /** Bugs: messages that made the answering code throw. */
  readonly faults: number;
  readonly tcp: {
    readonly open: number;
    readonly accepted: number;
    /** Closed because nothing happened for the idle timeout. */
    readonly timedOut: number;
    /** Closed to make room for another. */
    readonly evicted: number;
    /** Closed because of what came in: a length too small or too large. */
    readonly refused: number;
  };
};

/** Mutable counters of one name server, shared by its listeners. */
export class ServerCounters {
  readonly queries = { udp: 0, tcp: 0 };
  readonly dropped = { silent: 0, unanswerable: 0, unsent: 0 };
  readonly tcp = { open: 0, accepted: 0, timedOut: 0, evicted: 0, refused: 0 };
  truncated = 0;
  faults = 0;
  /** By the rcode in the header. BADVERS has zeros there and counts as NOERROR without records. */
  readonly #rcodes = new Array<number>(16).fill(0);

  /** Counts a response by its header. */
  countResponse(response: Uint8Array): void {
    const rcode = (response[3] ?? 0) & 0x0f;
    this.#rcodes[rcode] = (this.#rcodes[rcode] ?? 0) + 1;
    if (((response[2] ?? 0) & 0x02) !== 0) this.truncated += 1;
  }

  /** A frozen copy of all counts. */
  read(): ServerCounts {
    const responses: Record<string, number> = {};
    for (const [rcode, count] of this.#rcodes.entries()) if (count > 0) responses[formatRcode(rcode)] = count;
    return Object.freeze({
      queries: Object.freeze({ ...this.queries }),
      responses: Object.freeze(responses),
      truncated: this.truncated,
      dropped: Object.freeze({ ...this.dropped }),
      faults: this.faults,
      tcp: Object.freeze({ ...this.tcp }),
    });
  }
}
