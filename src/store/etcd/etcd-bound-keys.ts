// Which keys are bound to which session, as far as this client has heard: from its own commits at once, from those of others
// by the watch. Whoever ends a session takes its keys along by this list; what it does not know yet is found as an orphan.

type Binding = { readonly sessionId: string | null; readonly version: number };

export class EtcdBoundKeys {
  readonly #keys = new Map<string, Binding>();

  /** Takes in what is at `version`, unless something newer is known. */
  put(key: string, sessionId: string | null, version: number): void {
    const known = this.#keys.get(key);
    if (known !== undefined && known.version >= version) return;
    if (sessionId === null) this.#keys.delete(key);
    else this.#keys.set(key, { sessionId, version });
  }

  delete(key: string, version: number): void {
    const known = this.#keys.get(key);
    if (known !== undefined && known.version < version) this.#keys.delete(key);
  }

  clear(): void {
    this.#keys.clear();
  }

  /** Keys with the version at which they were bound to the session, in key order. */
  of(sessionId: string): readonly { readonly key: string; readonly version: number }[] {
    return this.#where((binding) => binding.sessionId === sessionId);
  }

  /** Keys bound to sessions that are not among these, and were bound before `revision`. */
  orphans(
    live: ReadonlySet<string>,
    revision: number,
  ): readonly { readonly key: string; readonly version: number; readonly sessionId: string }[] {
    return this.#where(({ sessionId, version }) => sessionId !== null && !live.has(sessionId) && version <= revision);
  }

  #where(
    accepts: (binding: Binding) => boolean,
  ): readonly { readonly key: string; readonly version: number; readonly sessionId: string }[] {
    return [...this.#keys]
      .filter(([, binding]) => accepts(binding))
      .map(([key, { sessionId, version }]) => ({ key, version, sessionId: sessionId ?? '' }))
      .sort((one, other) => (one.key < other.key ? -1 : 1));
  }
}
