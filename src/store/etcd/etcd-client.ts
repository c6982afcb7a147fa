// All members of an etcd cluster as one: when one does not answer the next one is asked, and a login is made where there is one.
import type { Clock } from '../../base/clock.ts';
import { OneupError } from '../../base/oneup-error.ts';
import { EtcdFailure, toOneupError } from './etcd-failure.ts';
import { EtcdMember, type StoreTls } from './etcd-member.ts';

export type EtcdClientOptions = {
  readonly endpoints: readonly string[];
  readonly username: string | null;
  readonly password: string | null;
  readonly tls: StoreTls | null;
  readonly clock: Clock;
  /** Longest wait for one member while there are others, milliseconds. */
  readonly memberTimeoutMs: number;
};

export type EtcdAnswer = {
  readonly value: unknown;
  /** An earlier member may have done it already: what the answer says of the state may be due to this very request. */
  readonly isRepeated: boolean;
};

type Post = { readonly path: string; readonly body: unknown; readonly signal: AbortSignal };

/** A watch whose line does not end is none. */
const LINE_CHARS_MAX = 256 * 1024 * 1024;

export class EtcdClient {
  readonly #options: EtcdClientOptions;
  readonly #members: readonly EtcdMember[];
  /** Index of the member that answered last. */
  #at = 0;
  #token: string | null = null;

  constructor(options: EtcdClientOptions) {
    this.#options = options;
    this.#members = options.endpoints.map((endpoint) => new EtcdMember(endpoint, options.tls));
  }

  /**
   * Asks one member after the other until one answers or the signal aborts. Rejects with OneupError, whose cause is an
   * EtcdFailure: `isInDoubt` of it says whether any of the members may have done what was asked.
   */
  async ask(path: string, body: unknown, signal: AbortSignal): Promise<EtcdAnswer> {
    let isRepeated = false;
    for (let left = this.#members.length - 1; ; left -= 1) {
      const member = this.#member();
      try {
        return { value: await this.#askMember(member, { path, body, signal }, left > 0), isRepeated };
      } catch (error) {
        const failure = asFailure(error);
        isRepeated ||= failure.isInDoubt;
        const isOfMember = failure.kind === 'member' || failure.kind === 'garbage';
        if (isOfMember) this.#leave(member);
        if (!isOfMember || left <= 0 || signal.aborted) throw toOneupError(inDoubt(failure, isRepeated));
      }
    }
  }

  /** Lines of an answer without end, each a JSON text. Rejects with OneupError when the member goes. */
  async *lines(path: string, body: unknown, signal: AbortSignal): AsyncGenerator<string> {
    const member = this.#member();
    try {
      const response = await member.stream({ path, body, token: await this.#login(member, signal), signal });
      let held = '';
      for await (const chunk of response.setEncoding('utf8')) {
        const parts = `${held}${chunk}`.split('\n');
        held = parts.pop() ?? '';
        if (held.length > LINE_CHARS_MAX) throw new Error('a line without end');
        for (const part of parts) if (part !== '') yield part;
      }
    } catch (error) {
      this.#leave(member);
      if (error instanceof EtcdFailure && error.kind === 'token') this.#token = null;
      throw toOneupError(asFailure(error));
    }
  }

  /** Host and port of the member that is asked first. */
  inUse(): string {
    return this.#member().name;
  }

  close(): void {
    for (const member of this.#members) member.close();
  }

  #member(): EtcdMember {
    return this.#members[this.#at % this.#members.length] as EtcdMember;
  }

  /** Others that failed on the same member may have left it already. */
  #leave(member: EtcdMember): void {
    if (member === this.#member()) this.#at += 1;
  }

  async #askMember(member: EtcdMember, post: Post, hasOthers: boolean): Promise<unknown> {
    const impatience = new AbortController();
    const { clock, memberTimeoutMs } = this.#options;
    const giveUp = () => impatience.abort(new Error(`no answer within ${memberTimeoutMs} ms`));
    const timer = hasOthers ? clock.timer(memberTimeoutMs, giveUp) : null;
    const signal = hasOthers ? AbortSignal.any([post.signal, impatience.signal]) : post.signal;
    try {
      return await this.#askLoggedIn(member, { ...post, signal });
    } finally {
      timer?.stop();
    }
  }

  /** A token that the member does not know any more is got anew, once. */
  async #askLoggedIn(member: EtcdMember, post: Post): Promise<unknown> {
    const token = await this.#login(member, post.signal);
    try {
      return await member.post({ ...post, token });
    } catch (error) {
      if (!(error instanceof EtcdFailure) || error.kind !== 'token' || token === null) throw error;
      if (this.#token === token) this.#token = null;
      return await member.post({ ...post, token: await this.#login(member, post.signal) });
    }
  }

  async #login(member: EtcdMember, signal: AbortSignal): Promise<string | null> {
    const { username, password } = this.#options;
    if (username === null || this.#token !== null) return this.#token;
    const body = { name: username, password: password ?? '' };
    const answer = await member.post({ path: '/v3/auth/authenticate', body, token: null, signal }).catch((error) => {
      // Nothing that was asked for has happened while it was not even known who asks.
      throw inDoubt(asFailure(error), false);
    });
    const { token } = answer as { readonly token?: unknown };
    if (typeof token !== 'string')
      throw new EtcdFailure('denied', 'the login gave no token; is authentication enabled?', { isInDoubt: false });
    this.#token = token;
    return token;
  }
}

/** What went wrong with a request, if this error tells of one. */
export function failureOf(error: unknown): EtcdFailure | null {
  return error instanceof OneupError && error.cause instanceof EtcdFailure ? error.cause : null;
}

function inDoubt({ kind, message, cause }: EtcdFailure, isInDoubt: boolean): EtcdFailure {
  return new EtcdFailure(kind, message, { isInDoubt, cause });
}

function asFailure(error: unknown): EtcdFailure {
  if (error instanceof EtcdFailure) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new EtcdFailure('member', reason, { isInDoubt: true, cause: error });
}
