// Where the znodes of a cluster lie. Keys become one level: what a path may not hold is written as %XX.

/** Digits of a revision in a path: every safe integer fits. */
const REVISION_DIGITS = 16;
const ESCAPED = /[%/]/g;
/** Names that a path may not have although every letter of them is fine. */
const DOTS = /^\.{1,2}$/;

export type ZnodePaths = {
  readonly parent: string;
  readonly root: string;
  readonly head: string;
  readonly log: string;
  readonly data: string;
  readonly session: string;
  readonly blob: string;
  readonly logOf: (revision: number) => string;
  readonly dataOf: (key: string) => string;
  readonly sessionOf: (id: string) => string;
  readonly blobOf: (id: string) => string;
  readonly chunkOf: (id: string, chunk: number) => string;
};

export function znodePaths(cluster: string): ZnodePaths {
  const parent = '/oneup';
  const root = `${parent}/${escapeName(cluster)}`;
  const below = (name: string): string => `${root}/${name}`;
  return {
    parent,
    root,
    head: below('head'),
    log: below('log'),
    data: below('data'),
    session: below('session'),
    blob: below('blob'),
    logOf: (revision) => below(`log/${String(revision).padStart(REVISION_DIGITS, '0')}`),
    dataOf: (key) => below(`data/${escapeName(key)}`),
    sessionOf: (id) => below(`session/${escapeName(id)}`),
    blobOf: (id) => below(`blob/${id}`),
    chunkOf: (id, chunk) => below(`blob/${id}/${chunk}`),
  };
}

export function escapeName(name: string): string {
  const escaped = name.replace(ESCAPED, escapeLetter);
  return DOTS.test(escaped) ? escaped.replaceAll('.', escapeLetter) : escaped;
}

/** Null for a name that `escapeName` never makes. */
export function unescapeName(escaped: string): string | null {
  const name = escaped.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return escapeName(name) === escaped ? name : null;
}

/** Null for a name that is no revision. */
export function revisionOf(name: string): number | null {
  return /^\d{16}$/.test(name) && Number.isSafeInteger(Number(name)) ? Number(name) : null;
}

function escapeLetter(letter: string): string {
  return `%${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
