// Texts too large for a packet, in pieces below `blob/<id>/`. They are written before the commit that refers to them and
// deleted after the last record that does; each is deleted whole or not at all, so that a commit can check that it is whole.
import { randomUUID } from 'node:crypto';
import { OneupError } from '../../base/oneup-error.ts';
import { type Asking, ask, askEach } from './ask-each.ts';
import { type BlobRef, CHUNK_BYTES, chunksOf } from './blob-ref.ts';
import type { Answer } from './pending-questions.ts';
import { type Change, exists, getChildren, getData, multi, type Owner, single } from './questions.ts';
import { CODE, refusal } from './reply-codes.ts';
import { corrupt, textOf } from './stored-shape.ts';
import type { ZnodePaths } from './znode-paths.ts';

/** A blob that no record knows of may belong to a commit on its way; after an hour it belongs to a process that died. */
const STRAY_AFTER_MS = 3_600_000;
const EMPTY = Buffer.alloc(0);
/** No commit brings more. What is left over is found at the next open. */
const STRAYS_MAX = 4_096;

export class BlobFiles {
  readonly #paths: ZnodePaths;
  readonly #owner: Owner;

  constructor(paths: ZnodePaths, owner: Owner) {
    this.#paths = paths;
    this.#owner = owner;
  }

  async write(asking: Asking, text: Uint8Array): Promise<BlobRef> {
    const ref = { id: randomUUID(), chunks: chunksOf(text.length), bytes: text.length };
    const pieces = Array.from({ length: ref.chunks }, (_, chunk) =>
      this.#create(this.#paths.chunkOf(ref.id, chunk), text.subarray(chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES)),
    );
    const changes = [this.#create(this.#paths.blobOf(ref.id), EMPTY), ...pieces];
    const answers = await askEach(asking, changes.map(single));
    for (const { code } of answers) if (code !== CODE.ok) throw refusal(code, 'write a large value');
    return ref;
  }

  /** Null when it is gone: then no current record refers to it any more. */
  async read(asking: Asking, ref: BlobRef): Promise<string | null> {
    const questions = Array.from({ length: ref.chunks }, (_, chunk) => getData(this.#paths.chunkOf(ref.id, chunk)));
    const answers = await askEach(asking, questions);
    const pieces: Buffer[] = [];
    for (const { code, value } of answers) {
      if (code === CODE.noNode) return null;
      if (value === null) throw refusal(code, 'read a large value');
      pieces.push(value.data);
    }
    const bytes = Buffer.concat(pieces);
    const path = this.#paths.blobOf(ref.id);
    if (bytes.length !== ref.bytes)
      throw corrupt(path, `a large value has ${bytes.length} bytes instead of ${ref.bytes}`);
    return textOf(bytes, path);
  }

  /** Makes a commit fail when the blob was swept away before it. */
  check({ id }: BlobRef): Change {
    return { kind: 'check', path: this.#paths.blobOf(id), version: -1 };
  }

  /** Deletes these blobs; those that are gone already are fine. */
  async remove(asking: Asking, refs: readonly BlobRef[]): Promise<void> {
    const questions = refs.map(({ id, chunks }) => {
      const names = Array.from({ length: chunks }, (_, chunk) => String(chunk));
      return multi(this.#removal(id, names));
    });
    const answers = await askEach(asking, questions);
    for (const answer of answers) {
      const code = codeOf(answer);
      if (code !== CODE.ok && code !== CODE.noNode) throw refusal(code, 'delete a large value');
    }
  }

  /** The same for blobs of a commit that was not made. What fails here is found as a stray by a later open. */
  async discard(asking: Asking, refs: readonly BlobRef[]): Promise<void> {
    try {
      await this.remove(asking, refs);
    } catch (error) {
      if (!(error instanceof OneupError) && !asking.signal.aborted) throw error;
    }
  }

  /** Deletes blobs that nothing refers to and that are old by the server's own clock (S1). */
  async sweep(asking: Asking, known: ReadonlySet<string>, newestMs: number): Promise<void> {
    const listed = await ask(asking, getChildren(this.#paths.blob));
    const ids = (listed.value?.names ?? []).filter((id) => !known.has(id)).slice(0, STRAYS_MAX);
    const stats = await askEach(
      asking,
      ids.map((id) => exists(this.#paths.blobOf(id))),
    );
    const old = ids.filter((_, at) => newestMs - (stats[at]?.value?.createdMs ?? newestMs) > STRAY_AFTER_MS);
    const children = await askEach(
      asking,
      old.map((id) => getChildren(this.#paths.blobOf(id))),
    );
    const removals = old.map((id, at) => multi(this.#removal(id, children[at]?.value?.names ?? [])));
    // A refusal leaves the blob to the next open.
    await askEach(asking, removals);
  }

  #create(path: string, data: Uint8Array): Change {
    return { kind: 'create', path, data, owner: this.#owner };
  }

  #removal(id: string, chunks: readonly string[]): readonly Change[] {
    const path = this.#paths.blobOf(id);
    const pieces = chunks.map((chunk): Change => ({ kind: 'delete', path: `${path}/${chunk}`, version: -1 }));
    return [...pieces, { kind: 'delete', path, version: -1 }];
  }
}

function codeOf({ code, value }: Answer<{ readonly failed: { readonly code: number } | null }>): number {
  return value?.failed?.code ?? code;
}
